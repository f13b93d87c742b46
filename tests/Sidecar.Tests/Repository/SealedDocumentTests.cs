using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Repository;

/// <summary>Configuration and source record on any input: what was written, or the one exception.</summary>
public sealed class SealedDocumentTests
{
    /// <summary>Pieces that are worth inserting into JSON.</summary>
    private static readonly byte[][] Tokens =
    [
        .. new[] { "null", "true", "-1", "1e400", "\"\"", "{}", "[]", "\\ud800", "\\u0000", "\"", "{", "}", ",", ":", "2", "//", "\"version\": 1,", new string('[', 200) }
            .Select(Encoding.UTF8.GetBytes),
        [0xff],
        [0xc3],
        [0xed, 0xa0, 0x80],
    ];

    private static readonly RepositoryConfig Config = new(SampleRepository, Noon);

    private static readonly Gen<(int At, int Cut, byte[] Insert)[]> Edits =
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 40], Gen.OneOf(Gen.Int[0, Tokens.Length - 1].Select(i => Tokens[i]), Gen.Byte.Array[0, 6])).Array[0, 4];

    [Fact]
    public void Every_flipped_bit_and_every_other_length_is_found()
    {
        var config = Config.ToBytes();
        var record = SourceRecordCodec.ToBytes(SampleRecord, SampleRepository);
        for (var i = 0; i < config.Length * 8; i++)
        {
            Assert.Throws<DocumentFormatException>(() => RepositoryConfig.Parse(Flipped(config, i), "memory"));
        }

        for (var i = 0; i < record.Length * 8; i++)
        {
            Assert.Throws<DocumentFormatException>(() => SourceRecordCodec.Parse(Flipped(record, i), "app", SampleRepository, "memory"));
        }

        for (var length = 0; length < config.Length; length++)
        {
            Assert.Throws<DocumentFormatException>(() => RepositoryConfig.Parse(config[..length], "memory"));
        }
    }

    /// <summary>Half of the samples get a digest that fits, so that what lies behind it is reached.</summary>
    [Fact]
    public void Whatever_bytes_there_are_a_sound_document_or_the_one_exception_comes_out() =>
        Gen.Select(Edits, Gen.Bool, Gen.Bool).Sample(
            (edits, seal, isConfig) =>
            {
                var bytes = new List<byte>(isConfig ? Config.ToBytes() : SourceRecordCodec.ToBytes(SampleRecord, SampleRepository));
                foreach (var (at, cut, insert) in edits)
                {
                    var start = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(start, Math.Min(cut, bytes.Count - start));
                    bytes.InsertRange(start, insert);
                }

                byte[] document = seal ? Sealed([.. bytes]) : [.. bytes];
                try
                {
                    if (isConfig)
                    {
                        Assert.False(RepositoryConfig.Parse(document, "memory").Id.IsNone);
                    }
                    else
                    {
                        Assert.Equal("app", SourceRecordCodec.Parse(document, "app", SampleRepository, "memory").Name);
                    }
                }
                catch (DocumentFormatException e)
                {
                    Assert.Contains("memory", e.Message, StringComparison.Ordinal);
                    Assert.NotEmpty(e.Hint);
                }
            },
            iter: 6_000);

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    /// <summary>The digest over the document with zeros in its place, where the document still ends as a sealed one.</summary>
    private static byte[] Sealed(byte[] bytes)
    {
        const int FromEnd = Sha256Digest.TextLength + 4;
        if (bytes.Length >= FromEnd)
        {
            bytes.AsSpan(bytes.Length - FromEnd, Sha256Digest.TextLength).Fill((byte)'0');
            Encoding.ASCII.GetBytes(Sha256Digest.Of(bytes).ToString()).CopyTo(bytes, bytes.Length - FromEnd);
        }

        return bytes;
    }
}
