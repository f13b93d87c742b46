using System.Runtime.InteropServices;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Capture;

/// <summary>The hash of every page at one position: a header and 16 bytes a page, in a file of our own.</summary>
/// <remarks>
/// It proves itself: the fingerprint in its header is the sum of its hashes, and is added up again when it is opened, so that a torn or
/// stale table is found, not believed. Read and written by offset, never mapped: a mapped file kills the process when the disk is full.
/// </remarks>
internal sealed class PageHashTable : IDisposable
{
    private const int ReadSizeBytes = 1 << 18;

    private readonly string _path;
    private readonly SafeFileHandle _file;

    private PageHashTable(string path, SafeFileHandle file, PageHashTableHeader header)
    {
        _path = path;
        _file = file;
        Header = header;
    }

    public PageHashTableHeader Header { get; }

    /// <returns>Null if there is no table, or none that is whole and can be read: then it is rebuilt, and writing it says what is wrong.</returns>
    public static PageHashTable? TryOpen(string path)
    {
        SafeFileHandle? file = null;
        PageHashTable? table = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            table = TryRead(path, file);
            return table;
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            return null;
        }
        finally
        {
            if (table is null)
            {
                file?.Dispose();
            }
        }
    }

    /// <summary>Reads the hashes of consecutive pages; pages past the end of the table come out as the zero hash.</summary>
    /// <exception cref="LocalStateException">The file cannot be read any more.</exception>
    public void Read(uint firstPage, Span<PageHash> hashes)
    {
        var known = firstPage > Header.Shape.PageCount ? 0 : (int)Math.Min((uint)hashes.Length, Header.Shape.PageCount - firstPage + 1);
        try
        {
            ReadExactly(_file, MemoryMarshal.AsBytes(hashes[..known]), OffsetOf(firstPage));
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(_path, "read", e);
        }

        hashes[known..].Clear();
    }

    public void Dispose() => _file.Dispose();

    internal static long OffsetOf(uint page) => PageHashTableHeader.Size + ((long)(page - 1) * PageHash.Size);

    private static PageHashTable? TryRead(string path, SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[PageHashTableHeader.Size];
        if (RandomAccess.Read(file, bytes, 0) < bytes.Length
            || PageHashTableHeader.TryParse(bytes) is not { } header
            || RandomAccess.GetLength(file) != OffsetOf(header.Shape.PageCount + 1))
        {
            return null;
        }

        return SumOf(file, header.Shape.PageCount) == header.Fingerprint.SumOfPageHashes(header.Shape) ? new PageHashTable(path, file, header) : null;
    }

    private static UInt128 SumOf(SafeFileHandle file, uint pageCount)
    {
        var hashes = new PageHash[Math.Min(ReadSizeBytes / PageHash.Size, pageCount)];
        var sum = UInt128.Zero;
        for (ulong page = 1; page <= pageCount; page += (uint)hashes.Length)
        {
            var some = hashes.AsSpan(0, (int)Math.Min((uint)hashes.Length, pageCount - page + 1));
            ReadExactly(file, MemoryMarshal.AsBytes(some), OffsetOf((uint)page));
            foreach (var hash in some)
            {
                sum = unchecked(sum + hash.Value);
            }
        }

        return sum;
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
            {
                throw new IOException("The page-hash table ended early.");
            }

            destination = destination[read..];
            offset += read;
        }
    }
}
