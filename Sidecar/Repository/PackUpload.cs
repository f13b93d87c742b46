using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>A pack that is being written and that nobody sees yet. Disposing it before <see cref="PublishAsync"/> discards it.</summary>
internal sealed class PackUpload(PackName name, IStagedObject staged) : IAsyncDisposable
{
    public PackName Name => name;

    /// <summary>Write-only, sequential, unbuffered, owned by this object: write large pieces, and do not dispose it.</summary>
    public Stream Content => staged.Content;

    /// <summary>Makes the pack durable, then visible. Called once.</summary>
    public ValueTask PublishAsync(CancellationToken ct) => staged.PublishAsync(ct);

    public ValueTask DisposeAsync() => staged.DisposeAsync();
}
