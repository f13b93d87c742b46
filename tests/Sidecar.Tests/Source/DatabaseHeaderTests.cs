using BackupSidecar.Primitives;
using BackupSidecar.Source;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Source;

public sealed class DatabaseHeaderTests
{
    [Theory]
    [InlineData(0x02, 0x00, 512)]
    [InlineData(0x10, 0x00, 4096)]
    [InlineData(0x80, 0x00, 32768)]
    [InlineData(0x00, 0x01, 65536)]
    public void A_page_size_reads_as_the_file_format_says(byte high, byte low, int pageSizeBytes)
    {
        var bytes = Header();
        (bytes[16], bytes[17]) = (high, low);

        Assert.True(DatabaseHeader.TryParse(bytes, out var header, out _));
        Assert.Equal(pageSizeBytes, header.PageSizeBytes);
        Assert.Equal(0x01020304u, header.ChangeCounter);
        Assert.Equal(3_053_004u, header.SqliteVersionNumber);
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 2, true)]
    [InlineData(2, 1, true)]
    [InlineData(1, 2, true)]
    public void The_journal_mode_stands_in_the_format_versions(byte write, byte read, bool isWal)
    {
        var bytes = Header();
        (bytes[18], bytes[19]) = (write, read);

        Assert.True(DatabaseHeader.TryParse(bytes, out var header, out _));
        Assert.Equal(isWal, header.IsWal);
    }

    [Theory]
    [InlineData(0, 0x54)]
    [InlineData(15, 0x20)]
    [InlineData(16, 0x01)]
    [InlineData(17, 0x02)]
    [InlineData(19, 0x00)]
    [InlineData(19, 0x03)]
    public void What_starts_no_database_is_said(int at, byte value)
    {
        var bytes = Header();
        bytes[at] = value;

        Assert.False(DatabaseHeader.TryParse(bytes, out _, out var found));
        Assert.NotEmpty(found);
    }

    [Fact]
    public void Whatever_bytes_there_are_a_possible_header_or_a_reason_comes_out() =>
        Gen.Select(Gen.Int[0, 120], Gen.Select(Gen.Int[0, 99], Gen.Byte).Array[0, 6], Gen.Byte.Array[0, 120], Gen.Bool).Sample(
            (length, edits, random, mutate) =>
            {
                var bytes = mutate ? [.. Header(), .. new byte[20]] : random;
                foreach (var (at, value) in edits.Where(edit => mutate || edit.Item1 < random.Length))
                {
                    bytes[at] = value;
                }

                bytes = bytes[..Math.Min(length, bytes.Length)];
                if (DatabaseHeader.TryParse(bytes, out var header, out var found))
                {
                    Assert.True(DatabaseShape.IsPageSize(header.PageSizeBytes));
                    Assert.Empty(found);
                }
                else
                {
                    Assert.NotEmpty(found);
                }
            },
            iter: 5_000);

    private static byte[] Header()
    {
        var bytes = new byte[DatabaseHeader.Size];
        "SQLite format 3\0"u8.CopyTo(bytes);
        (bytes[16], bytes[18], bytes[19]) = (0x10, 1, 1);
        (bytes[24], bytes[25], bytes[26], bytes[27]) = (1, 2, 3, 4);
        BitConverter.GetBytes(3_053_004).Reverse().ToArray().CopyTo(bytes, 96);
        return bytes;
    }
}
