namespace BackupSidecar.Tests.Pack;

/// <summary>Takes so many bytes; the write after them does not end until it is told to.</summary>
internal sealed class StalledStream(long afterBytes) : MemoryStream
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a write has begun to wait.</summary>
    public Task Stalled => _stalled.Task;

    public void GoOn() => _goOn.TrySetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Length + buffer.Length > afterBytes)
        {
            _stalled.TrySetResult();
            await _goOn.Task;
        }

        await base.WriteAsync(buffer, cancellationToken);
    }
}
