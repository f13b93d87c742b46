using System.Reflection;
using BackupSidecar.Chain;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>Keeps a position that is stored already as a backup: only a manifest is written.</summary>
internal static class PositionKeeper
{
    /// <param name="repository">Open for writing.</param>
    /// <param name="sourceName">It has a position.</param>
    /// <param name="databasePath">For people.</param>
    /// <param name="isWal">The journal mode, for people.</param>
    /// <param name="labels">See <see cref="BackupLabel"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends it; nothing is written then.</param>
    /// <exception cref="OperatorException">Nothing is stored, a pack is missing, or the manifest cannot be written.</exception>
    public static async ValueTask<BackupManifest> KeepNewestAsync(
        BackupRepository repository, string sourceName, string databasePath, bool isWal, IReadOnlyList<string> labels, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(sourceName, ct), ct);
        var chain = catalog.ChainTo(new RestorePointSelector(catalog).Newest().Position);
        await using var reader = await ChainReader.OpenAsync(repository, chain, ct);
        var manifest = new BackupManifest
        {
            RepositoryId = repository.Id,
            BackupId = BackupId.New(),
            Source = new ManifestSource(catalog.Source.Id, sourceName, databasePath, Environment.MachineName),
            Position = chain.Position,
            Parent = ParentOf(chain),
            CreatedAt = time.GetUtcNow(),
            Shape = reader.Shape,
            Fingerprint = reader.Fingerprint,
            Changed = false,
            Pack = new ManifestPack(chain.Tip.Name, chain.Tip.Length, reader.Tip.Digest),
            Labels = [.. labels.Select(BackupLabel.Validate)],
            Database = new DatabaseFacts(isWal ? "wal" : "delete", SqliteVersionNumber: 0, "kept"),
            Stats = new BackupStats(0, 0, 0, (long)time.GetElapsedTime(started).TotalMilliseconds, 0),
            ProgramVersion = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "unknown",
        };
        _ = await repository.PublishManifestAsync(manifest, ct);
        return manifest;
    }

    /// <summary>True if a backup that is not deleted keeps the newest position of a source.</summary>
    public static async ValueTask<bool> IsNewestKeptAsync(IRepositoryReader repository, string sourceName, CancellationToken ct) =>
        await repository.TryReadCatalogAsync(sourceName, ct) is { Newest: { } newest } catalog && catalog.BackupOf(newest) is not null;

    /// <summary>Where the timeline branched off, as far as the packs of the chain reach back; null: it begins with them.</summary>
    private static Position? ParentOf(PackChain chain)
    {
        var start = chain.NewestFirst.Select(pack => pack.Name.From).FirstOrDefault(from => from.Timeline != chain.Position.Timeline);
        return start.IsNone ? null : start;
    }
}
