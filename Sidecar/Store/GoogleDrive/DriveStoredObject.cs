using System.Runtime.ExceptionServices;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>An object in Drive, known by its file's id. Each read is a request of its own, so that they run in parallel.</summary>
internal sealed class DriveStoredObject(ObjectName name, string id, long length, DriveConnection connection, TimeProvider time) : IStoredObject
{
    public long Length => length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > length - destination.Length)
        {
            throw new StoreException(
                FailureKind.VerificationFailed,
                $"'{name}' in {connection.Location} ends at byte {length}; {destination.Length} bytes from byte {offset} were asked for.",
                "The object was cut short. Run 'verify' to see what it takes with it, and restore another position.");
        }

        var filled = 0;
        while (filled < destination.Length)
        {
            var before = filled;
            try
            {
                _ = await connection.Retry.CallAsync($"read '{name}'", ReadRestAsync, ct);
            }
            catch (DriveCallException e) when (e.IsPassing && filled > before)
            {
                // It moves: the repetitions count anew.
            }
            catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing)
            {
                throw new ObjectMissingException(name, connection.Location);
            }
        }

        async Task<int> ReadRestAsync(CancellationToken token)
        {
            using var watch = new StallWatch(connection.Options.Retry.Patience, time, token);
            await using var target = new RangeTarget(destination[filled..], bytes =>
            {
                filled += bytes;
                watch.Ping();
            });
            try
            {
                var result = await connection.Service.Files.Get(id).DownloadRangeAsync(target, offset + filled, offset + destination.Length - 1, watch.Token);
                if (result.Exception is { } exception)
                {
                    ExceptionDispatchInfo.Throw(exception);
                }
            }
            catch (OperationCanceledException e) when (watch.HasStalled)
            {
                throw new TimeoutException("The download stood still.", e);
            }

            return filled;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
