using System.IO.Hashing;
using System.Text;
using BackupSidecar.Restore.Swap;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>The marker beside the database: whole, or damaged; never half believed.</summary>
public sealed class SwapJournalTests
{
    private static readonly SwapJournal Sample = SwapJournal.Of("0123", "app.db.restoring-0123", 42, ulong.MaxValue);

    /// <summary>Pieces that are worth inserting into JSON.</summary>
    private static readonly string[] Tokens =
        ["null", "true", "-1", "1e400", "\"\"", "{}", "[]", "\\ud800", "\\u0000", "\"", "{", "}", "[", "]", ",", ":", "18446744073709551616", "0.5", "//", "\"version\":1,", new('[', 200), "\n"];

    [Fact]
    public void What_was_written_reads_back()
    {
        Assert.True(SwapJournal.TryParse(Sample.ToBytes(), out var journal));
        Assert.Equal(Sample, journal);
    }

    [Fact]
    public void Every_flipped_bit_and_every_other_length_is_found()
    {
        var bytes = Sample.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SwapJournal.TryParse(bytes, out _), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(SwapJournal.TryParse(bytes.AsSpan(0, length), out _), $"{length} bytes");
        }

        Assert.False(SwapJournal.TryParse([.. bytes, (byte)'\n'], out _));
    }

    /// <summary>With a checksum that fits, as another version of the program would write it.</summary>
    [Fact]
    public void Whatever_bytes_there_are_a_journal_or_none_comes_out()
    {
        var json = Encoding.UTF8.GetString(Sample.ToBytes()).Split('\n')[0];
        var insert = Gen.OneOf(Gen.Int[0, Tokens.Length - 1].Select(i => Tokens[i]), Gen.String[0, 5]);
        Gen.Select(Gen.Select(Gen.Int[0, json.Length - 1], Gen.Int[0, 30], insert).Array[0, 4], Gen.Bool).Sample(
            (edits, seal) =>
            {
                var text = json;
                foreach (var (at, cut, piece) in edits)
                {
                    var start = Math.Min(at, text.Length);
                    text = text.Remove(start, Math.Min(cut, text.Length - start)).Insert(start, piece);
                }

                var checksum = seal ? Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text))) : new string('0', 32);
                var parsed = SwapJournal.TryParse(Encoding.UTF8.GetBytes($"{text}\n{checksum}\n"), out var journal);

                Assert.Equal(parsed, journal is not null);
                Assert.True(journal is null || (journal.RestoreId is not null && journal.StagedName is not null && journal.Note is not null));
            },
            iter: 5_000);
        Gen.Byte.Array[0, 300].Sample(bytes => Assert.False(SwapJournal.TryParse(bytes, out _)), iter: 1_000);
    }
}
