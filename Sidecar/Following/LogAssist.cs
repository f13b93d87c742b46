using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Mode assist: keeps the log of an app that does not do so itself from growing without end. Start reading at <see cref="Run"/>.</summary>
/// <remarks>
/// (1) Copy the log into the database by passive checkpoints, until few frames are left   off the app's path, O(log)
/// (2) Keep writers away                                                                  ◄ the app's commits wait from here
/// (3) Copy the rest: at most <see cref="HeldBytesMax"/>
/// (4) Wait a little for readers that still need the log
/// (5) Let writers go: the next one finds everything copied, and starts the log anew      ◄ to here
/// What (3) copied and was not captured yet is captured as after any other reset. Nothing is done that an app's own checkpoint would not do; a
/// database is never opened for writing in the other mode. All of it happens beside the captures.
/// </remarks>
internal sealed class LogAssist(FollowerShared shared, AttachedDatabase database) : IAsyncDisposable
{
    /// <summary>Of pages that are copied while writers wait.</summary>
    private const int HeldBytesMax = 1 << 20;

    /// <summary>Passes of (1). Each leaves what was written during the one before it.</summary>
    private const int PassesMax = 8;

    /// <summary>Of the time of (4). Readers that come meanwhile read the database alone, and hinder nobody.</summary>
    private static readonly TimeSpan ReadersWaitMax = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>Checkpoints take at most a tenth of the time.</summary>
    private const int PauseFactor = 9;

    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;
    private long? _ended;
    private TimeSpan _pause;

    /// <summary>Doubled with each run that could do nothing, so that writers are not kept away in vain again and again.</summary>
    private TimeSpan _pauseNext = PauseMin;

    /// <summary>The log as the last run left it: until it grows, there is nothing more to do.</summary>
    private (ulong Salts, uint LastFrame) _left;

    /// <summary>The user has said which SQLite the app has. What the database says may only be a hint, but not against it.</summary>
    /// <param name="definition">Of the source.</param>
    /// <param name="lastWriter">The version that the header of the database names as its last writer; 0: none.</param>
    /// <returns>Why the log is not copied, or null.</returns>
    public static string? ReasonAgainst(SourceDefinition definition, uint lastWriter)
    {
        if (definition.AppSqliteVersion is not { } configured || SqliteVersion.HasCheckpointBug(configured))
        {
            return "the configured SQLite of the app can lose commits when another process checkpoints";
        }

        return SqliteVersion.HasCheckpointBug(lastWriter)
            ? $"the header of the database was last written by SQLite {SqliteVersion.Text(lastWriter)}, which can lose commits when another process checkpoints, although {SqliteVersion.Text(configured)} is configured; "
                + "if only the configured one opens it now, let the app write the header anew (PRAGMA user_version)"
            : null;
    }

    /// <summary>To be called with every look at the log. Returns at once.</summary>
    public void Step(CaptureLook look)
    {
        var definition = shared.Definition;
        if (definition.Mode != CaptureMode.Assist || !look.IsReadable || look.LogBytes <= definition.WalLimitBytes || !_running.IsCompleted
            || look.LogEnd == _left || (_ended is { } ended && shared.Time.GetElapsedTime(ended) < _pause))
        {
            return;
        }

        _left = look.LogEnd;
        _running = Task.Run(() => RunGuarded(definition, look.PageSizeBytes), CancellationToken.None);
    }

    /// <summary>Returns when nothing of it is open any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private void RunGuarded(SourceDefinition definition, int pageSizeBytes)
    {
        var started = shared.Time.GetTimestamp();
        string? hindrance;
        try
        {
            hindrance = ReasonAgainst(definition, database.SqliteVersionNumber()) ?? Run(pageSizeBytes);
        }
        catch (ImageChangedException e)
        {
            hindrance = e.Message;
        }
        catch (OperatorException e)
        {
            (hindrance, _pauseNext) = (e.Message, PauseMax);
        }

        var took = shared.Time.GetElapsedTime(started);
        if (hindrance is null)
        {
            FollowingLog.Assisted(shared.Around.Log, shared.Name, took.TotalMilliseconds);
        }
        else if (hindrance != shared.Status.Now.Assist?.Hindrance)
        {
            FollowingLog.Hindered(shared.Around.Log, shared.Name, hindrance);
        }

        Report(assist => assist with { Hindrance = hindrance, Checkpoints = assist.Checkpoints + (hindrance is null ? 1 : 0) });
        _pause = took * PauseFactor > _pauseNext ? took * PauseFactor : _pauseNext;
        _pauseNext = hindrance is null ? PauseMin : _pauseNext * 2 < PauseMax ? _pauseNext * 2 : PauseMax;
        _ended = shared.Time.GetTimestamp();
    }

    /// <returns>Null: everything is copied, and nothing keeps the app from starting its log anew.</returns>
    private string? Run(int pageSizeBytes)
    {
        using var checkpointer = LogCheckpointer.Open(database);
        using var interrupt = _end.Token.Register(checkpointer.Interrupt);
        var heldFramesMax = (uint)(HeldBytesMax / pageSizeBytes);

        // (1)
        var left = uint.MaxValue;
        for (var pass = 0; pass < PassesMax && left > heldFramesMax && !_end.IsCancellationRequested; pass++)
        {
            checkpointer.Copy();
            left = checkpointer.FramesToCopy() ?? left;
        }

        if (left > heldFramesMax)
        {
            return Reader() ?? "the app writes faster than its log is copied, or copies it itself";
        }

        if (left == 0 && Reader() is null)
        {
            return null;
        }

        // (2)
        if (!checkpointer.TryHoldWriters())
        {
            return "a transaction of the app writes for a long time";
        }

        var held = shared.Time.GetTimestamp();
        try
        {
            return Finish(checkpointer, heldFramesMax, held);
        }
        finally
        {
            // (5)
            checkpointer.LetWritersGo();
            var lasted = shared.Time.GetElapsedTime(held).TotalMilliseconds;
            Report(assist => assist with { LongestWriteLockMilliseconds = Math.Max(assist.LongestWriteLockMilliseconds, lasted) });
        }
    }

    private string? Finish(LogCheckpointer checkpointer, uint framesMax, long held)
    {
        if (checkpointer.FramesToCopy() is not { } left || left > framesMax)
        {
            return "the app wrote much at the last moment";
        }

        // (3)
        if (left > 0)
        {
            checkpointer.Copy();
        }

        // (4)
        var wait = new SpinWait();
        while (checkpointer.FramesToCopy() == 0 && Reader() is not null && shared.Time.GetElapsedTime(held) < ReadersWaitMax)
        {
            wait.SpinOnce(sleep1Threshold: 20);
        }

        return checkpointer.FramesToCopy() == 0 ? Reader() : Reader() ?? "somebody else copies the log at this moment";
    }

    /// <summary>Who still needs the log; null: nobody.</summary>
    private string? Reader() => database.ReadMarks().Any(held => held.Mark > 0) ? "a reader holds the log, see 'wal held'" : null;

    private void Report(Func<AssistStatus, AssistStatus> change) => shared.Status.Change(status => status with { Assist = change(status.Assist ?? new AssistStatus()) });
}
