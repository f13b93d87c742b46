using System.Security.Cryptography;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>A pack as it is to lie in another repository: the same blocks and index, under another header and trailer. Nothing of it is written to a local disk.</summary>
/// <remarks>Header and trailer have fixed sizes, so that every offset stays what it is.</remarks>
internal sealed class ForwardedPack : IPackObject
{
    private const int PieceSize = 1 << 20;

    private readonly IPackObject _stored;
    private readonly byte[] _header;
    private readonly byte[] _trailer;

    private ForwardedPack(IPackObject stored, byte[] header, byte[] trailer)
    {
        _stored = stored;
        _header = header;
        _trailer = trailer;
    }

    public long Length => _stored.Length;

    /// <summary>The SHA-256 that the trailer ends with.</summary>
    public Sha256Digest Digest => Sha256Digest.Read(_trailer.AsSpan(PackTrailer.DigestedSize));

    /// <summary>Reads the whole pack once: what is damaged here is not passed on.</summary>
    /// <param name="stored">The local one. It stays the caller's, and open for as long as the result is used.</param>
    /// <param name="pack">Its reader, whose header was checked against its name.</param>
    /// <param name="header">The one that it is to have: of the same database, at the same positions.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="PackFormatException">The local pack is damaged.</exception>
    public static async ValueTask<ForwardedPack> OpenAsync(IPackObject stored, PackReader pack, PackHeader header, CancellationToken ct)
    {
        await EnsureWholeAsync(pack, ct);
        var headerBytes = header.ToBytes();
        var trailerBytes = pack.Trailer.ToBytesWithoutDigest();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(headerBytes);
        var piece = new byte[(int)Math.Min(PieceSize, pack.Trailer.IndexLength)];
        for (var done = 0L; done < pack.Trailer.IndexLength;)
        {
            var part = piece.AsMemory(0, (int)Math.Min(piece.Length, pack.Trailer.IndexLength - done));
            await stored.ReadAsync(pack.Trailer.IndexOffset + done, part, ct);
            digest.AppendData(part.Span);
            done += part.Length;
        }

        digest.AppendData(trailerBytes.AsSpan(0, PackTrailer.DigestedSize));
        _ = digest.GetHashAndReset(trailerBytes.AsSpan(PackTrailer.DigestedSize));
        return new ForwardedPack(stored, headerBytes, trailerBytes);
    }

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        await _stored.ReadAsync(offset, destination, ct);
        Overlay(_header, 0, offset, destination.Span);
        Overlay(_trailer, Length - PackTrailer.Size, offset, destination.Span);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async ValueTask EnsureWholeAsync(PackReader pack, CancellationToken ct)
    {
        var stored = new byte[BlockEntry.RawLengthMax];
        await foreach (var block in pack.ReadIndexAsync(ct))
        {
            await pack.ReadBlockAsync(block, stored, ct);
            if (BlockCompressor.Digest(stored.AsSpan(0, block.StoredLength)) != block.Digest)
            {
                throw new PackFormatException(pack.Name, $"the stored bytes of its block at {block.Offset} do not have their checksum");
            }
        }
    }

    /// <summary>Puts what of a part lies within a range in its place.</summary>
    private static void Overlay(ReadOnlySpan<byte> part, long partOffset, long offset, Span<byte> destination)
    {
        var (from, to) = (Math.Max(partOffset, offset), Math.Min(partOffset + part.Length, offset + destination.Length));
        if (from < to)
        {
            part[(int)(from - partOffset)..(int)(to - partOffset)].CopyTo(destination[(int)(from - offset)..]);
        }
    }
}
