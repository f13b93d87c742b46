using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;

namespace BackupSidecar.Tests.Repository;

public sealed class ManifestCodecTests
{
    private static readonly byte[] Golden = File.ReadAllBytes(Path.Join(AppContext.BaseDirectory, "Repository", "Golden", "manifest-v1.json"));

    /// <summary>Pieces that are worth inserting into JSON.</summary>
    private static readonly string[] Tokens =
        ["null", "true", "-1", "1e400", "\"\"", "{}", "[]", "\\ud800", "\\u0000", "\"", "{", "}", "[", "]", ",", ":", "18446744073709551616", "0.5", "//", "\"version\": 1,"];

    [Fact]
    public void A_manifest_is_written_as_from_the_first_version() =>
        Assert.Equal(Encoding.UTF8.GetString(Golden), Encoding.UTF8.GetString(ManifestCodec.ToBytes(SampleBackup(), "memory")));

    [Fact]
    public void A_manifest_of_the_first_version_reads_back_whole()
    {
        var manifest = ManifestCodec.Parse(Golden, "golden", "memory");

        // The record compares lists by identity, so the labels are compared apart.
        Assert.Equal(SampleBackup().Labels, manifest.Labels);
        Assert.Equal(SampleBackup() with { Labels = manifest.Labels }, manifest);
    }

    [Fact]
    public void Every_flipped_bit_is_found_by_the_name()
    {
        var name = ManifestCodec.NameOf(SampleBackup(), Golden);
        ManifestCodec.Open(Golden, name, SampleRepository, "memory");
        for (var i = 0; i < Golden.Length * 8; i++)
        {
            var damaged = (byte[])Golden.Clone();
            damaged[i / 8] ^= (byte)(1 << (i % 8));

            var e = Assert.Throws<ManifestFormatException>(() => ManifestCodec.Open(damaged, name, SampleRepository, "memory"));

            Assert.Contains(name.ToString(), e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_manifest_under_another_name_or_in_another_repository_is_refused()
    {
        var name = ManifestCodec.NameOf(SampleBackup(), Golden);

        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Open(Golden, name with { Position = At(3) }, SampleRepository, "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Open(Golden, name with { Backup = new BackupId(1) }, SampleRepository, "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Open(Golden, name with { CreatedAtMicroseconds = 1 }, SampleRepository, "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Open(Golden, name, new RepositoryId(1), "memory"));
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "format version 2")]
    [InlineData("\"version\": 1", "\"version\": 0", "format version 0")]
    [InlineData("\"version\": 1", "\"version\": \"1\"", "not the document")]
    [InlineData("\"version\": 1,", "", "not the document")]
    [InlineData("\"version\": 1", "\"version\": 1, \"extra\": 1", "extra")]
    [InlineData("\"pageCount\": 1000", "\"pageCount\": 1000, \"pageCount\": 1000", "not the document")]
    [InlineData("\"pageSizeBytes\": 4096", "\"pageSizeBytes\": 4095", "'pageSizeBytes'")]
    [InlineData("\"pageCount\": 1000", "\"pageCount\": -1", "pageCount")]
    [InlineData("\"pageCount\": 1000", "\"pageCount\": 1e99", "pageCount")]
    [InlineData("\"changed\": true", "\"changed\": null", "changed")]
    [InlineData("\"name\": \"app\"", "\"name\": null", "name")]
    [InlineData("\"name\": \"app\"", "\"name\": \"../app\"", "'source.name'")]
    [InlineData("\"path\": \"/data/app.db\"", "\"path\": \"a\\u0000b\"", "'source.path'")]
    [InlineData("\"path\": \"/data/app.db\"", "\"path\": \"\\ud800\"", "not the document")]
    [InlineData("\"transaction\": 2", "\"transaction\": 0", "'position'")]
    [InlineData("\"transaction\": 2", "\"transaction\": 3", "'pack.name'")]
    [InlineData("\"bytes\": 12345", "\"bytes\": -1", "'pack.bytes'")]
    [InlineData("\"before upgrade\"", "null", "'labels'")]
    [InlineData("\"before upgrade\"", "\" \"", "'labels'")]
    [InlineData("\"before upgrade\"", "\"a\\u001bb\"", "'labels'")]
    [InlineData("\"backupId\": \"0", "\"backupId\": \"", "'backupId'")]
    [InlineData("123456Z\"", "123456+01:00\"", "'createdAt'")]
    [InlineData("\"pagesStored\": 3", "\"pagesStored\": -3", "'stats.pagesStored'")]
    public void A_field_that_cannot_be_is_named(string from, string to, string named)
    {
        var text = Encoding.UTF8.GetString(Golden);
        Assert.Contains(from, text, StringComparison.Ordinal);

        var e = Assert.Throws<ManifestFormatException>(() =>
            ManifestCodec.Parse(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), "the object", "memory"));

        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        Assert.Contains("the object", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_or_deep_manifest_is_refused()
    {
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Parse(new byte[ManifestCodec.LengthMax + 1], "x", "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Parse(Encoding.UTF8.GetBytes(new string('[', 500_000)), "x", "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Parse([], "x", "memory"));
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.Parse("null"u8, "x", "memory"));
    }

    [Fact]
    public void Whatever_bytes_there_are_a_sound_manifest_or_the_one_exception_comes_out() =>
        Gen.Select(Gen.Int[0, Golden.Length - 1], Gen.Int[0, 40], Gen.OneOf(Gen.Byte.Array[0, 8], Gen.Int[0, Tokens.Length - 1].Select(i => Encoding.UTF8.GetBytes(Tokens[i])))).Array[1, 4].Sample(
            edits =>
            {
                var bytes = new List<byte>(Golden);
                foreach (var (at, cut, insert) in edits)
                {
                    var start = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(start, Math.Min(cut, bytes.Count - start));
                    bytes.InsertRange(start, insert);
                }

                try
                {
                    // What is accepted is sound: it can be written and named.
                    var manifest = ManifestCodec.Parse([.. bytes], "fuzzed", "memory");
                    ManifestCodec.NameOf(manifest, ManifestCodec.ToBytes(manifest, "memory")).ToObjectName();
                }
                catch (ManifestFormatException e)
                {
                    Assert.Contains("fuzzed", e.Message, StringComparison.Ordinal);
                }
            },
            iter: 5_000);

    [Fact]
    public void A_manifest_that_no_reader_would_accept_is_not_written() =>
        Assert.Throws<ManifestFormatException>(() => ManifestCodec.ToBytes(SampleBackup() with { Labels = [""] }, "memory"));

    [Fact]
    public void A_backup_without_change_and_without_parent_reads_back()
    {
        var manifest = ManifestCodec.Parse(ManifestCodec.ToBytes(SampleBackup() with { Parent = null, Changed = false, Labels = [] }, "memory"), "x", "memory");

        Assert.Null(manifest.Parent);
        Assert.False(manifest.Changed);
        Assert.Empty(manifest.Labels);
    }
}
