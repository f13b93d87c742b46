using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Repository;

public sealed class NameTests
{
    private const string GoldenPack =
        "packs/000000000000000000000000000000a1/0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-000652e68bd3a6c0-000000000000000000000000000000f0.pack";

    private const string GoldenFull =
        "packs/000000000000000000000000000000a1/0000000000000001-00000000000000c3-0000000000000000-0000000000000000-000652e68bc46480-000000000000000000000000000000f0.pack";

    private const string GoldenManifest =
        "manifests/000000000000000000000000000000a1/0000000000000002-00000000000000c3-000652e68bb52240-000000000000000000000000000000e5-4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a.json";

    private const string GoldenStamp = "-0000000000000003-000000000000001f";

    private static readonly Gen<ulong> Number = Gen.ULong[1, ulong.MaxValue];

    [Fact]
    public void Names_are_as_they_were_from_the_first_version()
    {
        Assert.Equal(GoldenPack, PackOf(1, 2).Name.ToString());
        Assert.Equal(GoldenFull, PackOf(0, 1).Name.ToString());
        Assert.Equal(GoldenManifest, ManifestOf(2, 0xE5, 0).Name.ToString());
        Assert.Equal(GoldenPack.Replace(".pack", GoldenStamp + ".pack", StringComparison.Ordinal), (PackOf(1, 2).Name with { Stamp = new WriterStamp(3, 0x1f) }).ToString());
        Assert.Equal("fences/0000000000000003-000000000000001f.json", new FenceName(3, 0x1f).ToString());
    }

    [Fact]
    public void A_pack_name_reads_back() =>
        Gen.Select(Number, Number, Number, Number, Gen.Long[0, UtcMicroseconds.From(DateTimeOffset.MaxValue)], Gen.Bool).Sample((a, b, line, fromLine, time, full) =>
        {
            if (a == b)
            {
                return;
            }

            var from = full ? Position.None : At(Math.Min(a, b), new TimelineId(fromLine));
            var name = new PackName(new SourceId(a), from, At(Math.Max(a, b), new TimelineId(line)), time, new PackId(b));
            Assert.True(PackName.TryParse(name.ToObjectName(), out var parsed));
            Assert.Equal(name, parsed);
            Assert.Equal(full, parsed.IsFull);
        });

    [Fact]
    public void A_manifest_name_reads_back() =>
        Gen.Select(Number, Number, Gen.Long[0, UtcMicroseconds.From(DateTimeOffset.MaxValue)], Gen.Byte.Array).Sample((a, b, time, content) =>
        {
            var name = new ManifestName(new SourceId(a), At(a, new TimelineId(b)), time, new BackupId(b), Sha256Digest.Of(content));
            Assert.True(ManifestName.TryParse(name.ToObjectName(), out var parsed));
            Assert.Equal(name, parsed);
        });

    [Fact]
    public void Names_sort_by_position() =>
        Gen.Select(Number, Number).Sample((a, b) =>
        {
            var first = PackOf(0, 1).Name with { To = At(a) };
            var second = PackOf(0, 1).Name with { To = At(b) };
            Assert.Equal(a.CompareTo(b), Math.Sign(string.CompareOrdinal(first.ToString(), second.ToString())));
        });

    [Theory]
    [InlineData("0000000000000002-00000000000000c3-0000000000000002-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0")] // leads nowhere
    [InlineData("0000000000000002-00000000000000c3-0000000000000003-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0")] // leads back
    [InlineData("0000000000000000-00000000000000c3-0000000000000000-0000000000000000-000652e61f8df240-000000000000000000000000000000f0")] // to nothing
    [InlineData("0000000000000002-0000000000000000-0000000000000001-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0")] // no timeline
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-0000000000000000-000652e61f8df240-000000000000000000000000000000f0")] // half a start
    [InlineData("0000000000000002-00000000000000C3-0000000000000001-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0")] // uppercase
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-ffffffffffffffff-000000000000000000000000000000f0")] // before 1970
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-7fffffffffffffff-000000000000000000000000000000f0")] // past 9999
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-000652e61f8df240-00000000000000000000000000000000")] // no id
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-000652e61f8df240")]
    [InlineData("0000000000000002-00000000000000c3-0000000000000001-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0-1")]
    [InlineData("000000000000002-00000000000000c3-0000000000000001-00000000000000c3-000652e61f8df240-000000000000000000000000000000f0")]
    [InlineData("x")]
    public void What_no_pack_can_be_is_no_pack_name(string stem) =>
        Assert.False(PackName.TryParse(ObjectName.Parse($"packs/{SampleSource}/{stem}.pack"), out _));

    [Fact]
    public void A_changed_character_gives_another_name_or_none()
    {
        foreach (var golden in (string[])[GoldenPack, GoldenManifest])
        {
            for (var i = 0; i < golden.Length; i++)
            {
                foreach (var replacement in "0fFz-./ ")
                {
                    var text = golden[..i] + replacement + golden[(i + 1)..];
                    if (!ObjectName.TryParse(text, out var name))
                    {
                        continue;
                    }

                    Assert.True(!PackName.TryParse(name, out var pack) || pack.ToString() == text);
                    Assert.True(!ManifestName.TryParse(name, out var manifest) || manifest.ToString() == text);
                }
            }
        }
    }

    [Theory]
    [InlineData("/data/app.db", "app")]
    [InlineData("app", "app")]
    [InlineData("/data/My Shop (2).sqlite3", "My-Shop--2-")]
    [InlineData("/data/.hidden.db", "hidden")]
    [InlineData("/data/größe.db", "gr--e")]
    [InlineData("/data/a.b.c.db", "a.b.c")]
    public void A_source_is_named_after_its_file(string path, string name) => Assert.Equal(name, SourceName.FromFile(path));

    [Theory]
    [InlineData("/data/.db")]
    [InlineData("/data/---")]
    [InlineData("/data/ü.db")]
    public void A_file_name_that_gives_no_source_name_asks_for_one(string path) =>
        Assert.Contains("--source", Assert.Throws<OperatorException>(() => SourceName.FromFile(path)).Hint, StringComparison.Ordinal);

    [Fact]
    public void A_long_file_name_is_cut() => Assert.Equal(new string('x', SourceName.LengthMax), SourceName.FromFile(new string('x', 200) + ".db"));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a b")]
    public void Bad_source_names_are_refused(string name) => Assert.Throws<OperatorException>(() => SourceName.Validate(name));
}
