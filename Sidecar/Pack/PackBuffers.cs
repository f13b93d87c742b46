using System.Buffers;

namespace BackupSidecar.Pack;

/// <summary>Lends the large buffers of packs, so that a capture of a few pages allocates none.</summary>
internal static class PackBuffers
{
    /// <summary>
    /// As many as two packs of one block need. What a full, or a hundred databases at once, need beyond that is left to the collector: the shared pool would keep
    /// it for as long as nothing happens.
    /// </summary>
    private const int KeptOfEachSize = 4;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(2 * BlockEntry.RawLengthMax, KeptOfEachSize);

    /// <returns>A buffer of at least this size, with whatever was in it before.</returns>
    public static byte[] Rent(int bytes) => Pool.Rent(bytes);

    /// <param name="buffer">Rented here; given back once.</param>
    public static void Return(byte[] buffer) => Pool.Return(buffer);
}
