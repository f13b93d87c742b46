using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

internal sealed class MemoryStoredObject(ObjectName name, byte[] bytes, string location) : IStoredObject
{
    public long Length => bytes.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > bytes.Length - destination.Length)
        {
            throw new StoreException(FailureKind.VerificationFailed, $"'{name}' in {location} ends at byte {bytes.Length}.", "Restore another position.");
        }

        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
