using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>Reads one pack by ranges: header and trailer at once, then the index as a stream, then any block.</summary>
internal sealed class PackReader
{
    private const int IndexReadSize = 1 << 20;

    private readonly RangeReader _read;
    private readonly byte[] _headerBytes;
    private readonly byte[] _trailerBytes;

    private PackReader(string name, RangeReader read, byte[] headerBytes, byte[] trailerBytes, long length)
    {
        Name = name;
        _read = read;
        _headerBytes = headerBytes;
        _trailerBytes = trailerBytes;
        Header = PackHeader.Parse(headerBytes, name);
        Trailer = PackTrailer.Parse(trailerBytes, length, name);
    }

    /// <summary>How messages name the pack.</summary>
    public string Name { get; }

    public PackHeader Header { get; }

    public PackTrailer Trailer { get; }

    /// <summary>The SHA-256 that the trailer ends with; manifests name it.</summary>
    public Sha256Digest Digest => Sha256Digest.Read(_trailerBytes.AsSpan(PackTrailer.DigestedSize));

    /// <exception cref="PackFormatException">This is no whole pack.</exception>
    public static async ValueTask<PackReader> OpenAsync(string name, long length, RangeReader read, CancellationToken ct)
    {
        if (length < PackHeader.Size + PackTrailer.Size)
        {
            throw new PackFormatException(name, $"it has {length} bytes, less than header and trailer");
        }

        var header = new byte[PackHeader.Size];
        var trailer = new byte[PackTrailer.Size];
        await read(0, header, ct);
        await read(length - PackTrailer.Size, trailer, ct);
        return new PackReader(name, read, header, trailer, length);
    }

    /// <summary>The blocks in page order. The digest is checked after the last one: what is done with them must not be final before the enumeration ends.</summary>
    /// <exception cref="PackFormatException">Names what in the index is wrong.</exception>
    public async IAsyncEnumerable<BlockEntry> ReadIndexAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(_headerBytes);
        var window = new byte[(int)Math.Min(IndexReadSize, Trailer.IndexLength)];
        var (filled, used) = (0, 0);
        var offset = Trailer.IndexOffset;
        var indexEnd = Trailer.IndexOffset + Trailer.IndexLength;
        var (blockEnd, lastPage, blocks, pages) = ((long)PackHeader.Size, 0U, 0U, 0U);
        while (true)
        {
            if (filled - used < BlockEntry.SizeMax && offset < indexEnd)
            {
                window.AsSpan(used, filled - used).CopyTo(window);
                (filled, used) = (filled - used, 0);
                var count = (int)Math.Min(window.Length - filled, indexEnd - offset);
                await _read(offset, window.AsMemory(filled, count), ct);
                digest.AppendData(window, filled, count);
                (filled, offset) = (filled + count, offset + count);
            }

            if (used == filled)
            {
                break;
            }

            var entry = Next(window.AsSpan(used, filled - used), blockEnd, lastPage);
            used += entry.Size;
            blockEnd = entry.Offset + entry.StoredLength;
            lastPage = (uint)(entry.Runs[^1].End - 1);
            blocks++;
            pages += (uint)entry.Hashes.Length;
            yield return entry;
        }

        digest.AppendData(_trailerBytes.AsSpan(0, PackTrailer.DigestedSize));
        CheckEnd(Sha256Digest.Read(digest.GetHashAndReset()), blockEnd, blocks, pages);
    }

    /// <summary>Fills the start of <paramref name="stored"/> with the block's stored bytes; <see cref="BlockDecoder"/> checks them.</summary>
    public ValueTask ReadBlockAsync(BlockEntry entry, Memory<byte> stored, CancellationToken ct) =>
        _read(entry.Offset, stored[..entry.StoredLength], ct);

    private BlockEntry Next(ReadOnlySpan<byte> bytes, long blockEnd, uint lastPage)
    {
        var size = bytes.Length < BlockEntry.FixedSize ? int.MaxValue : BlockEntry.ReadSize(bytes, Header.ShapeAfter.PageSizeBytes, Name);
        return size <= bytes.Length
            ? BlockEntry.Parse(bytes[..size], Header.ShapeAfter, blockEnd, Trailer.IndexOffset, lastPage, Name)
            : throw new PackFormatException(Name, "its index ends within an entry");
    }

    private void CheckEnd(Sha256Digest digest, long blockEnd, uint blocks, uint pages)
    {
        if (digest != Digest)
        {
            throw new PackFormatException(Name, $"header, index and trailer have SHA-256 {digest}, expected {Digest}");
        }

        if (blockEnd != Trailer.IndexOffset || blocks != Trailer.BlockCount || pages != Trailer.PageCount)
        {
            throw new PackFormatException(
                Name,
                $"its index holds {blocks} blocks and {pages} pages up to {blockEnd}; its trailer says {Trailer.BlockCount}, {Trailer.PageCount} and {Trailer.IndexOffset}");
        }
    }
}
