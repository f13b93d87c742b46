using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Store.FileSystem;

/// <summary>An object's open file. Reads carry their offset, so that they run in parallel.</summary>
internal sealed class FileSystemStoredObject(ObjectName name, SafeFileHandle file, long length, string location, FileSystemErrors errors) : IStoredObject
{
    public long Length => length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var filled = 0;
        while (filled < destination.Length)
        {
            var read = await ReadPieceAsync(offset + filled, destination[filled..], ct);
            if (read == 0)
            {
                throw new StoreException(
                    FailureKind.VerificationFailed,
                    $"'{name}' in {location} ends at byte {offset + filled}; {destination.Length} bytes from byte {offset} were asked for.",
                    "The object was cut short. Run 'verify' to see what it takes with it, and restore another position.");
            }

            filled += read;
        }
    }

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<int> ReadPieceAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            return await RandomAccess.ReadAsync(file, destination, offset, ct);
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            throw errors.Of(e, "read", name.ToString());
        }
    }
}
