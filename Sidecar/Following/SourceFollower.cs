using BackupSidecar.Backup;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Keeps a repository up with one database, commit after commit. Start reading here.</summary>
/// <remarks>
/// (1) Find what is stored, and the local state that belongs to it              <see cref="FollowedSource"/>
/// (2) An app has the database open in WAL mode: attach, follow its log         <see cref="AttachedFollowing"/>
/// (3) Else: look at the files from outside, compare page hashes if they differ <see cref="DetachedFollowing"/>
/// (4) Put what has changed                                                     <see cref="Captures"/>, <see cref="LogChangeset"/>, <see cref="PositionRun"/>   ◄ the position exists from here on
/// Any failure ends the run; the next one goes on from what is stored.
/// </remarks>
internal sealed class SourceFollower : IFollowedSource
{
    /// <summary>How often in a row it is looked again, where an app that comes and goes all the time leaves no state that could be read, before that is a failure.</summary>
    private const int VainMax = 20;

    private readonly FollowerShared _shared;
    private readonly Captures _captures;
    private readonly TableScrub _scrub;
    private readonly DetachedFollowing _detached;
    private readonly LogSight _sight = new();
    private int _vain;
    private bool _isMissingTold;

    public SourceFollower(SourceDefinition definition, FollowerSurroundings around)
    {
        _shared = new FollowerShared(definition, around);
        _captures = new Captures(_shared);
        _scrub = new TableScrub(_shared, _captures);
        _detached = new DetachedFollowing(_shared, _captures);
    }

    public SourceStatus Status => _sight.AddTo(_shared.Status.Now with
    {
        DatabaseBytes = LengthOf(_shared.Definition.Path),
        WalBytes = LengthOf(_shared.Definition.Path + SourceFile.WalSuffix),
    });

    public void Apply(SourceDefinition definition)
    {
        _shared.Definition = definition;
        _shared.Wake.Set();
    }

    /// <summary>Returns when everything that was committed before the call is stored.</summary>
    /// <exception cref="OperationCanceledException">Following has ended, or <paramref name="ct"/> came first.</exception>
    public Task CaptureNowAsync(CancellationToken ct)
    {
        var stored = _shared.Requests.Add();
        _shared.Wake.Set();
        return stored.WaitAsync(ct);
    }

    public async Task<FollowingEnd> RunAsync(StopSignals stop)
    {
        using var requested = stop.Requested.Register(_shared.Wake.Set);
        using var lastCapture = stop.LastCapture.Register(_shared.Wake.Set);
        using var abandoned = stop.Abandoned.Register(_shared.Wake.Set);
        try
        {
            var end = await FollowAsync(stop);
            _shared.Status.Be(SourceState.Ended, end switch
            {
                FollowingEnd.Complete => "everything is captured",
                FollowingEnd.DatabaseGone => "its database is gone",
                _ => "an app still has the database open",
            });
            return end;
        }
        finally
        {
            _shared.Requests.Close();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A status is told in any case: that a path cannot be looked at, the following itself says.</summary>
    private static long? LengthOf(string path)
    {
        try
        {
            return FileIdentity.TryGet(path, out var file) ? file.LengthBytes : null;
        }
        catch (OperatorException)
        {
            return null;
        }
    }

    private async Task<FollowingEnd> FollowAsync(StopSignals stop)
    {
        FollowedSource? followed = null;
        try
        {
            while (true)
            {
                stop.Abandoned.ThrowIfCancellationRequested();
                if (!FileIdentity.TryGet(_shared.Definition.Path, out _))
                {
                    if (await WaitForFileAsync(wasFollowed: followed is not null, stop) is { } none)
                    {
                        return none;
                    }

                    continue;
                }

                // (1)
                _isMissingTold = false;
                var file = SourceFile.Resolve(_shared.Definition.Path);
                using var claim = _shared.Around.Claims.Take(file, _shared.Name);
                SourceDatabase.EnsureIsDatabase(file);
                if (followed is not null && (followed.DatabasePath != file.Path || _shared.IsToStartAnew(followed)))
                {
                    // A symbolic link was set anew; or a full is due, also where nothing has changed.
                    followed.Dispose();
                    followed = null;
                    _shared.CapturedTraces = null;
                }

                followed ??= await OpenAsync(file, stop.Abandoned);
                if (await FollowAsync(followed, file, stop) is { } end)
                {
                    return end;
                }
            }
        }
        finally
        {
            followed?.Dispose();
        }
    }

    /// <returns>Null: look again.</returns>
    private async Task<FollowingEnd?> FollowAsync(FollowedSource followed, SourceFile file, StopSignals stop)
    {
        try
        {
            // (2), (3)
            var end = AttachedDatabase.TryAttach(file, out var reason) is { } database
                ? await FollowAttachedAsync(followed, database, stop)
                : await _detached.LookAsync(followed, file, reason, stop);
            _vain = 0;
            return end;
        }
        catch (OperatorException e) when (e.InnerException is ImageChangedException && ++_vain < VainMax)
        {
            _shared.Status.Be(SourceState.Waiting, e.Message);
            await _shared.DelayAsync(LogWaiter.LookMin);
            return null;
        }
        catch (ImageChangedException e)
        {
            // The app came, went or replaced the file just now.
            _shared.Status.Be(SourceState.Waiting, e.Message);
            await _shared.DelayAsync(DetachedFollowing.LookMin);
            return null;
        }
    }

    private async Task<FollowingEnd?> FollowAttachedAsync(FollowedSource followed, AttachedDatabase attached, StopSignals stop)
    {
        using var database = attached;
        _shared.Status.Be(SourceState.Following, "an app has the database open");
        _shared.Status.Change(status => status with { JournalMode = "wal" });
        _shared.CapturedTraces = null;
        await using var assist = new LogAssist(_shared, database);
        _sight.Attach(database);
        try
        {
            return await new AttachedFollowing(_shared, _captures, _scrub, assist, followed, database).RunAsync(stop);
        }
        finally
        {
            _sight.Detach();
        }
    }

    private async ValueTask<FollowedSource> OpenAsync(SourceFile file, CancellationToken ct)
    {
        var options = new BackupOptions
        {
            DatabasePath = file.Path,
            SourceName = _shared.Name,
            StateDirectory = _shared.Around.StateDirectory,
            Compression = _shared.Definition.Compression,
            Workers = _shared.Around.Workers,
            CopyBeforeCompressing = true,
            HistoryElsewhereAsync = _shared.Around.HistoryElsewhereAsync,
            FullBecause = _shared.Around.Damage.OpenOf(_shared.Name) is null ? null : "what is stored was found to be damaged, so that nothing of it is built upon",
        };
        var followed = await FollowedSource.OpenAsync(_shared.Around.Repository, file, options, _shared.Definition.IsNamed, _shared.Time, ct);
        _shared.Status.At(followed.Position);
        return followed;
    }

    /// <summary>A database that is still to be made is waited for in silence. One that was there is missed: once in the log, and in the status.</summary>
    private async ValueTask TellMissingAsync(bool wasFollowed, CancellationToken ct)
    {
        if (!wasFollowed && await _shared.Around.Repository.TryReadCatalogAsync(_shared.Name, ct) is { } catalog)
        {
            _shared.Status.At(catalog.NewestListed);
        }

        if (wasFollowed || _shared.Status.Now.Position is not null)
        {
            FollowingLog.Gone(_shared.Around.Log, _shared.Name, _shared.Definition.Path);
        }

        _isMissingTold = true;
    }

    /// <returns>Null: look again.</returns>
    private async Task<FollowingEnd?> WaitForFileAsync(bool wasFollowed, StopSignals stop)
    {
        if (!_isMissingTold)
        {
            await TellMissingAsync(wasFollowed, stop.Abandoned);
        }

        _shared.Status.Be(SourceState.Waiting, _shared.Status.Now.Position is null ? "there is no database yet" : "its database is gone");
        if (stop.Requested.IsCancellationRequested)
        {
            if (!wasFollowed)
            {
                return FollowingEnd.Complete;
            }

            FollowingLog.GoneAtEnd(_shared.Around.Log, _shared.Name, _shared.Definition.Path);
            return FollowingEnd.DatabaseGone;
        }

        _ = _shared.Around.Watch.TryArmDirectory(Path.GetDirectoryName(_shared.Definition.Path)!, _shared.Wake);
        if (!FileIdentity.TryGet(_shared.Definition.Path, out _))
        {
            _ = await _shared.Wake.WaitAsync(FollowerShared.IdleLook, _shared.Time, CancellationToken.None);
        }

        return null;
    }
}
