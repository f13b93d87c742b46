using Xunit;

namespace BackupSidecar.Tests.Pack;

/// <summary>Compares pages by number and bytes, fast enough for thousands of databases.</summary>
internal static class PageContents
{
    public static void AssertSame(SortedDictionary<uint, byte[]> expected, SortedDictionary<uint, byte[]> found)
    {
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (page, content) in expected)
        {
            Assert.True(content.AsSpan().SequenceEqual(found[page]), $"Page {page} is not what it was.");
        }
    }
}
