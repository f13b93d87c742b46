using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>A source and the newest position that is stored of it, with the local state that belongs to that position.</summary>
/// <remarks>
/// Whatever fails here leaves a stored position that is whole; the local state may then be torn or behind, so that this object is to be
/// disposed and opened again.
/// </remarks>
internal sealed class FollowedSource : IDisposable
{
    private readonly BackupRepository _repository;
    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private readonly LogChangeset _logChangeset;
    private BackupOptions _options;
    private Baseline? _baseline;
    private bool _isAtTip;
    private bool _isCursorUsable;

    private FollowedSource(BackupRepository repository, SourceRecord source, BackupOptions options, TimeProvider time)
    {
        _repository = repository;
        Source = source;
        _options = options;
        _time = time;
        _state = StateDirectory.Open(options.StateDirectory, options.DatabasePath, repository.Id, source.Id);
        _logChangeset = new LogChangeset(repository, source, _state, options.Compression, time);
    }

    public SourceRecord Source { get; }

    public string DatabasePath => _options.DatabasePath;

    /// <summary>Nothing that is stored is built upon: the next capture is a full, and the ones after it start from that.</summary>
    public bool IsFullNext => _options.FullBecause is not null;

    /// <summary>The newest stored position; null if nothing is stored yet.</summary>
    public Position? Position => _baseline?.Table.State.Position;

    /// <summary>Registers the source if it is new, and finds what is stored of it.</summary>
    /// <param name="repository">Open for writing.</param>
    /// <param name="file">The database.</param>
    /// <param name="options">For its captures.</param>
    /// <param name="isNamed">The user named the source, and so vouches for a database that was moved.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="OperatorException">The name belongs to another database; the repository or the local state cannot be read.</exception>
    public static async ValueTask<FollowedSource> OpenAsync(
        BackupRepository repository, SourceFile file, BackupOptions options, bool isNamed, TimeProvider time, CancellationToken ct)
    {
        var source = await SourceClaim.RegisterAsync(repository, options, file, ct);
        var previous = await PreviousBackup.ReadAsync(repository, await repository.ReadCatalogAsync(source, ct), [], ct);
        SourceClaim.Ensure(source, previous, file, isNamed);
        var followed = new FollowedSource(repository, source, options, time);
        try
        {
            await followed.ReadStateAsync(ct);
            return followed;
        }
        catch
        {
            followed.Dispose();
            throw;
        }
    }

    /// <summary>Where the next capture of this file goes on in its log; null: nowhere, its pages must be compared.</summary>
    public WalCursor? CursorIn(SourceFile file) =>
        _isCursorUsable && _baseline!.Table.State.File is { Mode: JournalMode.Wal } known && (known.Device, known.Inode) == (file.Identity.Device, file.Identity.Inode)
            ? _baseline.Table.State.Log
            : null;

    /// <summary>Puts what the log says has changed since <see cref="CursorIn"/>.</summary>
    /// <returns>The pack, or null if no page is different, so that only the cursor went on.</returns>
    /// <exception cref="ImageChangedException">The log was overwritten under the reading; nothing was put.</exception>
    public ValueTask<StoredChangeset?> PutAsync(LogChanges changes, CancellationToken ct) =>
        _logChangeset.PutAsync(_baseline!.Table, changes, _baseline.Table.State.File, _baseline.Table.State.Position.Timeline, ct);

    /// <summary>Compares every page in windows, so that no read mark lasts, and puts what differs.</summary>
    /// <param name="database">Attached.</param>
    /// <param name="lostCommits">Null, or what shows that commits that were captured are gone: a new timeline begins.</param>
    /// <param name="window">How long one read mark lasts.</param>
    /// <param name="ct">Stops before anything is put.</param>
    /// <returns>Null if this cannot be done in windows: there is nothing to compare with, or too much differs.</returns>
    /// <exception cref="ImageChangedException">What changed meanwhile cannot be told; nothing was put.</exception>
    public async ValueTask<ComparedChangeset?> TryCompareAsync(AttachedDatabase database, string? lostCommits, TimeSpan window, CancellationToken ct)
    {
        if (!_isAtTip || _baseline is not { } baseline)
        {
            return null;
        }

        var pagesMax = (int)(LogChangeset.BufferedBytesMax / baseline.Shape.PageSizeBytes);
        if (await PageComparison.FindAsync(database, baseline.Table, window, pagesMax, _options.Workers, _time, ct) is not { } changes)
        {
            return null;
        }

        using var owned = changes;
        var file = changes.File;
        var newTimeline = lostCommits ?? NewTimeline.ReasonFor(baseline, changes.Shape, file);
        var timeline = newTimeline is null ? baseline.Table.State.Position.Timeline : TimelineId.New();
        var stored = await _logChangeset.PutAsync(baseline.Table, changes, file, timeline, ct);
        _isCursorUsable = true;
        return new ComparedChangeset(stored, stored is null ? null : newTimeline, changes.LongestWindow);
    }

    /// <summary>Copies what differs, or everything, in windows, so that no read mark lasts, and puts it.</summary>
    /// <param name="database">Attached.</param>
    /// <param name="lostCommits">As of <see cref="TryCompareAsync"/>.</param>
    /// <param name="window">How long one read mark lasts.</param>
    /// <param name="ct">Stops before anything is put.</param>
    /// <exception cref="ImageChangedException">What changed meanwhile cannot be told; nothing was put.</exception>
    /// <exception cref="SpoolSpaceException">There is no room for the copy; nothing was put.</exception>
    public ValueTask<StoredPosition> PutCopyAsync(AttachedDatabase database, string? lostCommits, TimeSpan window, CancellationToken ct) => PutAsync(
        (run, catalog) => run.ExecuteAsync(
            catalog,
            _state,
            lostCommits,
            async (baseline, stop) => await WindowedCopy.RunAsync(database, baseline, _state.PageSpoolPath, window, _options.Workers, _time, stop),
            ct),
        ct);

    /// <summary>Compares some pages with the local page hashes.</summary>
    /// <returns>Null if the database is not at the newest stored position, so that nothing can be said.</returns>
    /// <exception cref="ImageChangedException">What was read is not one state.</exception>
    public TableSlice? TryCompareSlice(AttachedDatabase database, uint firstPage, TimeSpan budget) =>
        CursorIn(database.Source) is null ? null : TableSlice.TryCompare(database, _baseline!.Table, firstPage, budget, _time);

    /// <summary>The local page hashes are believed no more: they are kept for whoever looks into it, and made anew from the repository's page indexes.</summary>
    public async ValueTask SetTableAsideAsync(CancellationToken ct)
    {
        Forget();
        _state.SetTableAside();
        await ReadStateAsync(ct);
    }

    /// <summary>Puts what a comparison of every page finds.</summary>
    /// <param name="lostCommits">Null, or what shows that commits that were captured are gone: a new timeline begins.</param>
    public ValueTask<StoredPosition> PutByPageHashesAsync(string? lostCommits, CancellationToken ct) =>
        PutAsync((run, catalog) => run.ExecuteAsync(catalog, _state, lostCommits, ct), ct);

    public void Dispose() => Forget();

    private async ValueTask<StoredPosition> PutAsync(Func<PositionRun, SourceCatalog, ValueTask<StoredPosition>> runAsync, CancellationToken ct)
    {
        // The run reads the table and replaces it.
        Forget();
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        try
        {
            var stored = await runAsync(new PositionRun(_repository, _options, _time, progress: null), catalog);
            _options = _options with { FullBecause = null };
            await ReadStateAsync(ct);
            return stored;
        }
        catch (Exception e) when (e is ImageChangedException or SpoolSpaceException)
        {
            // Nothing was put: the next way starts from the same state.
            await ReadStateAsync(ct);
            throw;
        }
    }

    private async ValueTask ReadStateAsync(CancellationToken ct)
    {
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        _baseline = IsFullNext ? null : await new BaselineReader(_repository, catalog, _state).ReadAsync(ct);

        // Where the newest position is damaged, the next capture says what is wrong, and makes a new full.
        _isAtTip = _baseline is not null && _baseline.Position == catalog.NewestListed;
        _isCursorUsable = _isAtTip && _baseline!.Log is not null;
    }

    private void Forget()
    {
        _baseline?.Dispose();
        (_baseline, _isAtTip, _isCursorUsable) = (null, false, false);
    }
}
