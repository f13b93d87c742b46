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
    private readonly FollowOptions _options;
    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private readonly LogChangeset _logChangeset;
    private PageHashTable? _table;

    private FollowedSource(BackupRepository repository, SourceRecord source, SourceFile file, FollowOptions options, TimeProvider time)
    {
        _repository = repository;
        Source = source;
        _options = options;
        _time = time;
        _state = StateDirectory.Open(options.StateDirectory, file.Path, repository.Id, source.Id);
        _logChangeset = new LogChangeset(repository, source, options, _state, time);
    }

    public SourceRecord Source { get; }

    /// <summary>Null: nothing is stored yet, or the local state does not tell.</summary>
    public Position? Position => _table?.State.Position;

    /// <summary>Where the next capture goes on in the log; null: nowhere.</summary>
    public WalCursor? Cursor => _table?.State.Log;

    /// <summary>Registers the source if it is new, and finds the local state of its newest position.</summary>
    /// <exception cref="OperatorException">The name is another database's, the file is no database, or the repository cannot be read.</exception>
    public static async ValueTask<FollowedSource> OpenAsync(BackupRepository repository, SourceFile file, FollowOptions options, TimeProvider time, CancellationToken ct)
    {
        var source = await repository.RegisterSourceAsync(options.SourceName ?? SourceName.FromFile(file.Path), ct);
        var followed = new FollowedSource(repository, source, file, options, time);
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

    /// <summary>Puts what the log says has changed.</summary>
    /// <returns>The pack, or null if no page is different.</returns>
    public async ValueTask<StoredChangeset?> PutAsync(AttachedDatabase database, LogChanges changes, CancellationToken ct) =>
        await _logChangeset.PutAsync(_table!, database, changes, ct);

    /// <summary>Compares every page of the database as it is now.</summary>
    /// <param name="lostCommits">Null, or what shows that commits that were captured are gone: a new timeline begins.</param>
    public async ValueTask<StoredPosition> PutByPageHashesAsync(string? lostCommits, CancellationToken ct)
    {
        // The run reads, and replaces, the table.
        Forget();
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        var stored = await new PositionRun(_repository, _options.ForPageHashes(), _time, progress: null).ExecuteAsync(catalog, _state, lostCommits, ct);
        _table = PageHashTable.TryOpen(_state.HashTablePath);
        return stored;
    }

    public void Dispose() => Forget();

    private async ValueTask ReadStateAsync(CancellationToken ct)
    {
        var catalog = await _repository.ReadCatalogAsync(Source, ct);
        var table = PageHashTable.TryOpen(_state.HashTablePath);
        if (table is not null && table.State.Position == catalog.NewestListed && table.State.Source == Source.Id && table.State.Repository == _repository.Id)
        {
            _table = table;
            return;
        }

        table?.Dispose();
    }

    private void Forget()
    {
        _table?.Dispose();
        _table = null;
    }
}
