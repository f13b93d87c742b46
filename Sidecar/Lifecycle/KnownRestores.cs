using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>The restores of one source. A change is on the disk before anybody sees it.</summary>
/// <remarks>Written by whoever holds the gate of the lifecycle; read by anybody.</remarks>
internal sealed class KnownRestores(string source, RestoreJournal journal, ILogger log, TimeProvider time)
{
    private SourceRestores _restores = SourceRestores.NoneOf(source);
    private bool _isRead;

    public bool IsRead => Volatile.Read(ref _isRead);

    public string AppVersion => Restores.AppVersion;

    public RestoreRecord? Newest => Restores.Newest;

    /// <summary>The one that has not ended.</summary>
    public RestoreRecord? Current => Restores.Current;

    /// <summary>Newest first, as they are on the disk.</summary>
    public IReadOnlyList<RestoreRecord> All => Restores.Restores;

    private SourceRestores Restores => Volatile.Read(ref _restores);

    /// <exception cref="BackupSidecar.Primitives.OperatorException">The journal is damaged, or of a newer program, or cannot be read.</exception>
    public void Read()
    {
        Volatile.Write(ref _restores, journal.Read());
        Volatile.Write(ref _isRead, true);
    }

    /// <summary>As time has made it: what nobody confirmed in time is to be taken back.</summary>
    public RestoreRecord AsOfNow(RestoreRecord restore) =>
        restore is { State: RestoreState.Unconfirmed, ConfirmBy: { } by } && time.GetUtcNow() >= by
            ? restore with { State = RestoreState.RollbackPending, Reason = "no instance confirmed it in time", RollbackSince = by }
            : restore;

    public RestoreRecord? Find(string id) => Restores.Find(id);

    /// <exception cref="BackupSidecar.Primitives.OperatorException">It cannot be written; what is known stays as it was.</exception>
    public RestoreRecord Save(RestoreRecord restore)
    {
        var before = Find(restore.Id);
        Write(Restores.With(restore));
        if (before?.State != restore.State)
        {
            var (state, reason) = (RestoreStateText.Of(restore.State), restore.Reason.Length == 0 ? "" : $"; {restore.Reason}");
            LifecycleLog.Changed(log, source, restore.Id, restore.PositionText, state, reason);
        }

        return restore;
    }

    /// <exception cref="BackupSidecar.Primitives.OperatorException">As <see cref="Save"/>.</exception>
    public void SaveVersion(string version) => Write(Restores with { AppVersion = version });

    private void Write(SourceRestores next)
    {
        journal.Write(next);
        Volatile.Write(ref _restores, next);
    }
}
