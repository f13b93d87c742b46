using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Writer;

/// <summary>Reads of a file what is not zero, and of its holes nothing: a database of 1 GiB with little in it costs little.</summary>
internal static class SparseFile
{
    private const int ChunkSize = 1 << 20;

    /// <summary>The chunks that hold anything, in order; the memory is valid until the next one.</summary>
    public static IEnumerable<(long Offset, ReadOnlyMemory<byte> Content)> Chunks(string path)
    {
        using var file = Open(path);
        var chunk = new byte[ChunkSize];
        var offset = 0L;
        while (Libc.NextData(file, offset) is { } data)
        {
            offset = data / ChunkSize * ChunkSize;
            var length = Read(file, offset, chunk);
            if (chunk.AsSpan(0, length).ContainsAnyExcept((byte)0))
            {
                yield return (offset, chunk.AsMemory(0, length));
            }

            offset += ChunkSize;
        }
    }

    public static void Copy(string path, string target)
    {
        using var copy = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        RandomAccess.SetLength(copy, Length(path));
        foreach (var (offset, content) in Chunks(path))
        {
            RandomAccess.Write(copy, content.Span, offset);
        }
    }

    /// <summary>Null if the files are equal; else a sentence that names the first difference.</summary>
    public static string? Difference(string expected, string found)
    {
        if (Length(expected) != Length(found))
        {
            return $"{expected} has {Length(expected)} bytes, {found} has {Length(found)}.";
        }

        using var right = Chunks(found).GetEnumerator();
        foreach (var (offset, content) in Chunks(expected))
        {
            if (!right.MoveNext() || right.Current.Offset != offset)
            {
                return $"Only one of {expected} and {found} has data in the {ChunkSize} bytes from {offset}, or from before.";
            }

            var same = content.Span.CommonPrefixLength(right.Current.Content.Span);
            if (same < content.Length)
            {
                return $"The first different byte of {expected} and {found} is at {offset + same}.";
            }
        }

        return right.MoveNext() ? $"{found} has data at {right.Current.Offset}, where {expected} has none." : null;
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static long Length(string path)
    {
        using var file = Open(path);
        return RandomAccess.GetLength(file);
    }

    private static int Read(SafeFileHandle file, long offset, byte[] chunk)
    {
        var total = 0;
        while (total < chunk.Length && RandomAccess.Read(file, chunk.AsSpan(total), offset + total) is var length and > 0)
        {
            total += length;
        }

        return total;
    }
}
