using BackupSidecar.Primitives;
using CsCheck;
using Xunit;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;

namespace BackupSidecar.Tests.Primitives;

/// <summary>Ids, positions and digests: their text forms, which stand in names and documents, and their bytes, which stand in packs.</summary>
public sealed class IdentifierTests
{
    [Fact]
    public void An_id_is_32_hexadecimal_digits_and_16_little_endian_bytes()
    {
        var id = new PackId(new UInt128(0x0001020304050607, 0x08090a0b0c0d0e0f));
        var bytes = new byte[PackId.Size];
        id.Write(bytes);

        Assert.Equal("000102030405060708090a0b0c0d0e0f", id.ToString());
        Assert.Equal("0f0e0d0c0b0a09080706050403020100", Convert.ToHexStringLower(bytes));
        Assert.Equal(id, PackId.Read(bytes));
        Assert.True(PackId.TryParse(id.ToString(), out var parsed));
        Assert.Equal(id, parsed);
    }

    [Fact]
    public void New_ids_are_never_none_and_never_the_same()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => PackId.New()).ToList();

        Assert.DoesNotContain(PackId.None, ids);
        Assert.Distinct(ids);
        Assert.True(default(PackId).IsNone);
    }

    [Fact]
    public void New_timelines_are_never_none_and_never_the_same()
    {
        var timelines = Enumerable.Range(0, 1000).Select(_ => TimelineId.New()).ToList();

        Assert.DoesNotContain(TimelineId.None, timelines);
        Assert.Distinct(timelines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("+00000000000001")]
    [InlineData("000000000000000g")]
    [InlineData("0x00000000000001")]
    [InlineData(" 000000000000001")]
    [InlineData("000000000000001 ")]
    [InlineData("00000000000000001")]
    [InlineData("0000000000000000000000000000000000")]
    [InlineData("000000000000000000000000000000-1")]
    public void Text_of_another_width_or_alphabet_is_no_identifier(string text)
    {
        Assert.False(PackId.TryParse(text, out _));
        Assert.False(TimelineId.TryParse(text, out _));
        Assert.False(TransactionId.TryParse(text, out _));
        Assert.False(Sha256Digest.TryParse(text, out _));
    }

    [Fact]
    public void Whatever_text_there_is_parsing_gives_an_answer() =>
        Gen.String[0, 70].Sample(text =>
        {
            Assert.Equal(PackId.TryParse(text, out var id), text.Length == 32 && text.All(char.IsAsciiHexDigit));
            Assert.Equal(TimelineId.TryParse(text, out _), text.Length == 16 && text.All(char.IsAsciiHexDigit));
            Assert.Equal(TransactionId.TryParse(text, out _), text.Length == 16 && text.All(char.IsAsciiHexDigit));
            Assert.Equal(Sha256Digest.TryParse(text, out _), text.Length == 64 && text.All(char.IsAsciiHexDigit));
        });

    [Fact]
    public void Names_of_transactions_sort_as_transactions() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((a, b) =>
        {
            var (first, second) = (new TransactionId(a), new TransactionId(b));

            Assert.Equal(Math.Sign(first.CompareTo(second)), Math.Sign(string.CompareOrdinal(first.ToNameText(), second.ToNameText())));
            Assert.Equal(a < b, first < second);
            Assert.Equal(a > b, first > second);
            Assert.Equal(a <= b, first <= second);
            Assert.Equal(a >= b, first >= second);
            Assert.True(TransactionId.TryParse(first.ToNameText(), out var parsed));
            Assert.Equal(first, parsed);
            Assert.Equal(a > 0, TransactionId.TryParseDecimal(first.ToString(), out parsed));
            Assert.Equal(first, parsed);
        });

    [Theory]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    [InlineData("0x1")]
    [InlineData("18446744073709551616")]
    public void What_people_cannot_mean_as_a_transaction_is_refused(string text)
    {
        Assert.False(TransactionId.TryParseDecimal(text, out var id));
        Assert.True(id.IsNone);
    }

    [Fact]
    public void Transactions_count_up_and_never_wrap_around()
    {
        Assert.Equal(new TransactionId(1), TransactionId.None.Next());
        Assert.Throws<OverflowException>(() => new TransactionId(ulong.MaxValue).Next());
    }

    [Fact]
    public void A_position_is_none_only_without_timeline_and_transaction()
    {
        Assert.True(Position.None.IsNone);
        Assert.False(new Position(new TimelineId(1), TransactionId.None).IsNone);
        Assert.False(new Position(TimelineId.None, new TransactionId(1)).IsNone);
        Assert.Equal("5 of timeline 00000000000000ff", new Position(new TimelineId(255), new TransactionId(5)).ToString());
    }

    [Fact]
    public void A_digest_reads_as_sha256sum_prints_it()
    {
        var digest = Sha256Digest.Of("abc"u8);
        var bytes = new byte[Sha256Digest.Size];
        digest.Write(bytes);

        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.ToString());
        Assert.Equal(digest.ToString(), Convert.ToHexStringLower(bytes));
        Assert.Equal(digest, Sha256Digest.Read(bytes));
        Assert.True(Sha256Digest.TryParse(digest.ToString(), out var parsed));
        Assert.Equal(digest, parsed);
    }
}
