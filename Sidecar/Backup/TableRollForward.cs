using BackupSidecar.Capture;
using BackupSidecar.Chain;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>Brings a page-hash table that is a few packs behind to the tip of its chain: the page indexes of these packs are its redo log.</summary>
internal static class TableRollForward
{
    /// <summary>A kill leaves the table one pack behind. Past this many, reading all indexes newest first, each page once, is the better way.</summary>
    private const int PacksMax = 64;

    /// <returns>False if the table is not of this chain, or does not come out as its tip. It may then be at a position in between.</returns>
    public static async ValueTask<bool> TryRunAsync(PageHashTable table, ChainReader reader, IRepositoryReader repository, CancellationToken ct)
    {
        if (PacksSince(table.State.Position, reader.Chain) is not { } packs)
        {
            return false;
        }

        foreach (var pack in packs)
        {
            if (!await TryApplyAsync(table, pack.Name, repository, ct))
            {
                return false;
            }
        }

        return (table.Fingerprint, table.Shape) == (reader.Fingerprint, reader.Shape);
    }

    /// <summary>Oldest first. Null if they are too many, or the chain does not go through the position, or another timeline begins on the way: what is known of the file then says nothing of the tip.</summary>
    private static List<PackEntry>? PacksSince(Position position, PackChain chain)
    {
        var packs = new List<PackEntry>();
        foreach (var pack in chain.NewestFirst.Take(PacksMax))
        {
            if (pack.Name.To.Timeline != position.Timeline)
            {
                return null;
            }

            packs.Insert(0, pack);
            if (pack.Name.From == position)
            {
                return packs;
            }
        }

        return null;
    }

    private static async ValueTask<bool> TryApplyAsync(PageHashTable table, PackName name, IRepositoryReader repository, CancellationToken ct)
    {
        await using var stored = await repository.OpenPackAsync(name, ct);
        var pack = await ChainReader.ReadAsync(repository, stored, name, ct);
        if ((table.Fingerprint, table.Shape) != (pack.Trailer.FingerprintBefore, pack.Header.ShapeBefore))
        {
            return false;
        }

        var changes = new PageHashChanges();
        await foreach (var block in pack.ReadIndexAsync(ct))
        {
            var index = 0;
            foreach (var run in block.Runs)
            {
                changes.Add(run.First, block.Hashes.AsSpan(index, (int)run.Count));
                index += (int)run.Count;
            }
        }

        var shape = pack.Header.ShapeAfter;
        if (changes.FirstMissing(table.Shape, shape) is not null)
        {
            return false;
        }

        var update = table.Prepare(changes, shape);
        if (update.Fingerprint != pack.Trailer.FingerprintAfter)
        {
            return false;
        }

        // No log position: the pages of this pack may be of commits that the log has lost since.
        table.Commit(update, table.State with { Position = name.To, Pack = name.Pack, Log = null });
        return true;
    }
}
