using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

public sealed class PageHashTests
{
    /// <summary>Made with the C implementation (libxxhash, XXH3_128bits_withSeed): the definition can never change silently.</summary>
    [Theory]
    [InlineData(1, 512, "zeros", "c255110f806217458a3b11577f6f69db")]
    [InlineData(1, 512, "pattern", "d96b39d7acf3ae38afd2cfe1112a71fc")]
    [InlineData(1, 4096, "pattern", "6a5397718b83726b4cc7048dab1bfccc")]
    [InlineData(2, 4096, "pattern", "576e41662e1fce6b92fe465741cdd0bb")]
    [InlineData(262145, 4096, "pattern", "94093accd3ffe3ff852424895e24b49b")]
    [InlineData(uint.MaxValue, 65536, "pattern", "914e361ebe55c4c4f862c8aeb997d184")]
    [InlineData(3, 65536, "zeros", "aa8936a30a804d1d757b9aaaa9eafd05")]
    public void A_page_hash_is_the_XXH3_128_of_the_page_seeded_with_its_number(uint page, int size, string content, string hash) =>
        Assert.Equal(hash, PageHash.Of(page, content == "zeros" ? new byte[size] : Pattern(size)).ToString());

    [Fact]
    public void Every_flipped_bit_of_a_page_shows()
    {
        var page = Pattern(512);
        var hash = PageHash.Of(1, page);
        for (var bit = 0; bit < page.Length * 8; bit++)
        {
            page[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(hash, PageHash.Of(1, page));
            page[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    internal static byte[] Pattern(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
        {
            bytes[i] = (byte)((i * 7) + (i / 256));
        }

        return bytes;
    }
}
