using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>What a test puts: bytes in memory, from <see cref="FailsFrom"/> on with a reader's error.</summary>
internal sealed class ContentAtHand(byte[] bytes) : IStoredObject
{
    private long _bytesRead;

    public long Length => bytes.Length;

    /// <summary>A read that reaches this offset fails.</summary>
    public long FailsFrom { get; set; } = long.MaxValue;

    /// <summary>How many bytes were asked for in all: a second reading counts again.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (offset + destination.Length > FailsFrom)
        {
            throw new StoreException(FailureKind.Failed, "Cannot read the content: an input/output error.", "See the kernel's log.");
        }

        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        _ = Interlocked.Add(ref _bytesRead, destination.Length);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
