namespace BackupSidecar.Testing;

/// <summary>Finds the first page in which two files differ, without holding them in memory.</summary>
internal static class FileComparison
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Null if they are equal; else a sentence that names the difference.</summary>
    public static string? Difference(string expected, string found, int pageSizeBytes)
    {
        using var first = File.OpenRead(expected);
        using var second = File.OpenRead(found);
        if (first.Length != second.Length)
        {
            return $"{expected} has {first.Length} bytes, {found} has {second.Length}.";
        }

        byte[] left = new byte[ChunkSize], right = new byte[ChunkSize];
        for (var offset = 0L; offset < first.Length; offset += ChunkSize)
        {
            var length = first.ReadAtLeast(left, ChunkSize, throwOnEndOfStream: false);
            second.ReadAtLeast(right, ChunkSize, throwOnEndOfStream: false);
            var same = left.AsSpan(0, length).CommonPrefixLength(right.AsSpan(0, length));
            if (same < length)
            {
                return $"The first different byte is at {offset + same}, on page {((offset + same) / pageSizeBytes) + 1}: {left[same]:x2} in {expected}, {right[same]:x2} in {found}.";
            }
        }

        return null;
    }
}
