using BackupSidecar.Client;

namespace BackupSidecar.Tests.Client;

/// <summary>Answers to ConfirmHealthy as a test says, one after the other; then well.</summary>
internal sealed class PlayedSidecar(params string[] failures) : IBackupSidecar
{
    private readonly Queue<string> _failures = new(failures);

    public int Confirmations { get; private set; }

    public Task EnsureDurableAsync(CancellationToken ct = default) => Task.CompletedTask;

    public Task<DateTimeOffset?> ExtendConfirmationAsync(TimeSpan extension, CancellationToken ct = default) => Task.FromResult<DateTimeOffset?>(null);

    public Task ConfirmHealthyAsync(CancellationToken ct = default)
    {
        Confirmations++;
        return _failures.TryDequeue(out var reason) ? throw new BackupSidecarException(reason, "It failed.", "Look.") : Task.CompletedTask;
    }
}
