namespace BackupSidecar.Testing.Store;

/// <summary>The writer's lock of a <see cref="MemoryStore"/>.</summary>
internal sealed class MemoryLock(MemoryStoreContent content) : IAsyncDisposable
{
    private bool _released;

    public ValueTask DisposeAsync()
    {
        if (!_released)
        {
            _released = true;
            content.Unlock();
        }

        return ValueTask.CompletedTask;
    }
}
