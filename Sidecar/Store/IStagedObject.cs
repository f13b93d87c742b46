namespace BackupSidecar.Store;

/// <summary>An object that is being written and that nobody else sees. Disposing it before <see cref="PublishAsync"/> discards it.</summary>
internal interface IStagedObject : IAsyncDisposable
{
    /// <summary>Write-only, sequential, owned by this object. Unbuffered: callers write large pieces.</summary>
    Stream Content { get; }

    /// <summary>Makes the object durable, then visible under its name. Called once.</summary>
    /// <exception cref="ObjectExistsException">The name is taken.</exception>
    ValueTask PublishAsync(CancellationToken ct);
}
