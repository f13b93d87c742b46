using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>From pages that a log, or a comparison in windows, says have changed to a published pack.</summary>
/// <remarks>
/// (1) Read the changed pages, each proved; drop those that are as the last position has them   Capture
/// (2) Prove the reading as a whole, let go of the database                                     Capture
/// (3) Compress into a staged pack                                                              Pack
/// (4) Put the pack                                                                             Repository   ◄ the position exists from here on
/// (5) Keep the page hashes and the cursor                                                      Capture
/// Under a read mark everything is buffered before (3), so that a mark never spans a compression or a put; without one, (1) and (3) take turns, so that memory
/// stays bounded. A crash before (4) leaves a temporary file; before (5) a local state that is one position behind, which the next start finds.
/// </remarks>
internal sealed class LogChangeset(BackupRepository repository, SourceRecord source, StateDirectory state, CompressionLevel compression, TimeProvider time)
{
    /// <summary>Raw bytes that are buffered between reading and packing.</summary>
    public const long BufferedBytesMax = 32L << 20;

    /// <param name="table">Of the newest stored position.</param>
    /// <param name="changes">Since that position. Disposed when it is read.</param>
    /// <param name="file">The database file at that position, or as it is now.</param>
    /// <param name="timeline">The new position's; another than the last one's begins here.</param>
    /// <param name="ct">Stops before the pack is put.</param>
    /// <returns>What was stored; null if no page is different, so that only the cursor went on.</returns>
    /// <exception cref="ImageChangedException">What was read is not what the log promised; nothing was put.</exception>
    /// <exception cref="LocalStateException">The page hashes cannot be read or kept; what was put stays. Read a new baseline.</exception>
    public async ValueTask<StoredChangeset?> PutAsync(PageHashTable table, LogChanges changes, CapturedFile file, TimelineId timeline, CancellationToken ct)
    {
        var before = table.State;
        var header = HeaderOf(before, timeline, table, changes);
        var reader = new ChangedPageReader(table, changes);
        await using var draft = new PackDraft(repository, state, header);

        // (1), (3)
        while (reader.ReadSome(changes.HoldsReadMark ? long.MaxValue : BufferedBytesMax))
        {
            if (!changes.HoldsReadMark)
            {
                await draft.AddAsync(reader.TakePieces(), ct);
            }
        }

        // (2)
        changes.EnsureProved();
        changes.Dispose();

        // (3)
        await draft.AddAsync(reader.TakePieces(), ct);
        var after = before with { Pack = header.Pack, File = reader.HeaderChangeCounter is { } counter ? file with { HeaderChangeCounter = counter } : file, Log = changes.Cursor };
        if (reader.Hashes.Runs.Count == 0 && changes.Shape == table.Shape)
        {
            table.Commit(after with { Pack = before.Pack });
            return null;
        }

        var update = table.Prepare(reader.Hashes, changes.Shape);
        var summary = await draft.CompleteAsync(table.Fingerprint, update.Fingerprint, ct);

        // (4)
        await draft.PublishAsync(ct);

        // (5)
        table.Commit(update, after with { Position = header.To });
        return new StoredChangeset(draft.Name, summary.Length, summary.PageCount);
    }

    private PackHeader HeaderOf(CaptureState before, TimelineId timeline, PageHashTable table, LogChanges changes) => new(
        repository.Id,
        source.Id,
        PackId.New(),
        before.Position,
        new Position(timeline, before.Position.Transaction.Next()),
        UtcMicroseconds.From(time.GetUtcNow()),
        table.Shape,
        changes.Shape,
        compression);
}
