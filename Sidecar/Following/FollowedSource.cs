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
    private readonly BackupOptions _options;
    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private readonly LogChangeset _logChangeset;
    private PageHashTable? _table;
    private bool _isAtTip;

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

    /// <summary>The newest stored position; null if nothing is stored yet.</summary>
    public Position? Position => _table?.State.Position;

    /// <summary>Registers the source if it is new, and finds what is stored of it.</summary>
    /// <param name="options">The path is absolute, symbolic links resolved.</param>
    /// <exception cref="OperatorException">The repository or the local state cannot be read.</exception>
    public static async ValueTask<FollowedSource> OpenAsync(BackupRepository repository, BackupOptions options, TimeProvider time, CancellationToken ct)
    {
        var source = await repository.RegisterSourceAsync(options.SourceName ?? SourceName.FromFile(options.DatabasePath), ct);
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
        _isAtTip && _table!.State.File is { Mode: JournalMode.Wal } known && (known.Device, known.Inode) == (file.Identity.Device, file.Identity.Inode)
            ? _table.State.Log
            : null;

    /// <summary>Puts what the log says has changed since <see cref="CursorIn"/>.</summary>
    /// <returns>The pack, or null if no page is different, so that only the cursor went on.</returns>
    /// <exception cref="ImageChangedException">The log was overwritten under the reading; nothing was put.</exception>
    public ValueTask<StoredChangeset?> PutAsync(LogChanges changes, CancellationToken ct) => _logChangeset.PutAsync(_table!, changes, ct);

    /// <summary>Puts what a comparison of every page finds.</summary>
    /// <param name="lostCommits">Null, or what shows that commits that were captured are gone: a new timeline begins.</param>
    public async ValueTask<StoredPosition> PutByPageHashesAsync(string? lostCommits, CancellationToken ct)
    {
        // The run reads the table, and replaces it.
        Forget();
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        var stored = await new PositionRun(_repository, _options, _time, progress: null).ExecuteAsync(catalog, _state, lostCommits, ct);
        _table = PageHashTable.TryOpen(_state.HashTablePath);
        _isAtTip = _table?.State.Position == stored.Position;
        return stored;
    }

    public void Dispose() => Forget();

    private async ValueTask ReadStateAsync(CancellationToken ct)
    {
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        if (await new BaselineReader(_repository, catalog, _state).ReadAsync(ct) is { } baseline)
        {
            // Of a damaged newest position the next capture says what is wrong, and makes a new full.
            (_table, _isAtTip) = (baseline.Table, baseline.Log is not null && baseline.Position == catalog.NewestListed);
        }
    }

    private void Forget()
    {
        _table?.Dispose();
        (_table, _isAtTip) = (null, false);
    }
}
