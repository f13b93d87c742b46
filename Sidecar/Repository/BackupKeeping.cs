using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Labels, pins, deletes and brings back the backups of a repository, one change at a time.</summary>
/// <remarks>
/// A deletion has two phases: a mark, and when its grace is over the end of the manifest, and with it of the claim on the packs. Positions that packs
/// lead to are restore points without it, until compaction merges them away. Neither a pinned backup nor the newest one that can be restored is deleted;
/// both are asked again before the end.
/// </remarks>
/// <param name="repository">Open for writing.</param>
/// <param name="grace">How long a deletion can be taken back.</param>
/// <param name="marksKept">How long the word of a deletion stays after its backup is gone, so that other repositories that have the backup hear of it.</param>
/// <param name="time">The clock.</param>
internal sealed class BackupKeeping(BackupRepository repository, TimeSpan grace, TimeSpan marksKept, TimeProvider time) : IDisposable
{
    public BackupKeeping(BackupRepository repository, TimeSpan grace, TimeProvider time)
        : this(repository, grace, TimeSpan.Zero, time)
    {
    }

    /// <summary>A deleted backup that has to stay is looked at again after this.</summary>
    private static readonly TimeSpan HeldAgainAfter = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>When a deleted backup goes.</summary>
    public DateTimeOffset? EndOf(KeptBackup backup) => backup.DeletedAt + grace;

    /// <summary>A backup by its id, or the first digits of it.</summary>
    /// <exception cref="BackupRefusedException">There is none, or several.</exception>
    public async ValueTask<KeptBackup> FindAsync(string source, string prefix, CancellationToken ct) => (await LookAsync(source, prefix, ct)).Backup;

    /// <summary>Sets labels or pin.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="prefix">The id of the backup, or the first digits of it.</param>
    /// <param name="labels">All of them; null: as they are.</param>
    /// <param name="pinned">Null: as it is.</param>
    /// <param name="ct">Ends it; then nothing was changed, or all of it.</param>
    /// <exception cref="BackupRefusedException">There is no such backup, or it is deleted.</exception>
    /// <exception cref="OperatorException">The repository cannot be written, or what is kept of the backup is damaged.</exception>
    public async ValueTask<KeptBackup> UpdateAsync(string source, string prefix, IReadOnlyList<string>? labels, bool? pinned, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var (catalog, backup) = await LookAsync(source, prefix, ct);
        if (backup.DeletedAt is not null)
        {
            throw new BackupRefusedException(BackupRefusal.Deleted, $"Backup {backup.Id} is deleted.", $"Take that back first: 'backup-sidecar backups undelete {backup.Id}'.");
        }

        return await SetAsync(catalog, backup, (pinned ?? backup.IsPinned) ? BackupMarkState.Pinned : BackupMarkState.Kept, labels, ct);
    }

    /// <summary>Deletes it when the grace is over; a second call changes nothing.</summary>
    /// <exception cref="BackupRefusedException">There is no such backup, it is pinned, or it is the newest one that can be restored.</exception>
    /// <exception cref="OperatorException">As <see cref="UpdateAsync"/>.</exception>
    public async ValueTask<KeptBackup> DeleteAsync(string source, string prefix, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var (catalog, backup) = await LookAsync(source, prefix, ct);
        if (backup.DeletedAt is not null)
        {
            return backup;
        }

        if (backup.IsPinned)
        {
            throw new BackupRefusedException(BackupRefusal.Pinned, $"Backup {backup.Id} is pinned.", $"Unpin it first: 'backup-sidecar backups update {backup.Id} --unpin'.");
        }

        if (await NewestProofAsync(catalog, ct) is { } proof && proof.Name.Backup == backup.Id)
        {
            throw new BackupRefusedException(
                BackupRefusal.LastProof, $"Backup {backup.Id} is the newest one of source '{source}' that can be restored: it is never deleted.", "Make a newer one first: 'backup-sidecar backup'.");
        }

        return await SetAsync(catalog, backup, BackupMarkState.Deleted, labels: null, ct);
    }

    /// <exception cref="BackupRefusedException">There is no such backup any more, or it is not deleted.</exception>
    /// <exception cref="OperatorException">As <see cref="UpdateAsync"/>.</exception>
    public async ValueTask<KeptBackup> UndeleteAsync(string source, string prefix, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var (catalog, backup) = await LookAsync(source, prefix, ct);
        return backup.DeletedAt is not null
            ? await SetAsync(catalog, backup, BackupMarkState.Kept, labels: null, ct)
            : throw new BackupRefusedException(BackupRefusal.NotDeleted, $"Backup {backup.Id} is not deleted.", "Nothing needs to be done.");
    }

    /// <summary>Ends the backups of a source whose grace is over.</summary>
    /// <returns>How many, and when the next one is due; null: none is.</returns>
    /// <exception cref="OperatorException">The repository cannot be read or written; the next call goes on.</exception>
    public async ValueTask<(int Ended, DateTimeOffset? Next)> SweepAsync(SourceRecord source, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var catalog = await repository.ReadCatalogAsync(source, ct);
        var marks = catalog.Marks.Select(mark => mark.Backup).Distinct().Select(backup => catalog.MarkOf(backup)!.Value).Where(mark => mark.State == BackupMarkState.Deleted).ToList();
        var due = marks.Where(mark => mark.SetAt + grace <= time.GetUtcNow()).ToList();
        var ended = 0;
        var held = false;
        foreach (var mark in due)
        {
            // Asked again: the one that stood for it may have been lost since.
            if (await NewestProofAsync(catalog, ct) is not { } proof || await IsNewerProofAsync(catalog, mark.Backup, proof, ct))
            {
                held = true;
                continue;
            }

            foreach (var entry in catalog.Manifests.Where(entry => entry.Name.Backup == mark.Backup))
            {
                await repository.DeleteManifestAsync(entry.Name, ct);
                ended++;
            }

            if (mark.SetAt + grace + marksKept <= time.GetUtcNow())
            {
                await repository.DeleteMarksAsync(catalog.Marks.Where(other => other.Backup == mark.Backup), ct);
            }
        }

        var next = marks.Except(due).Select(mark => (DateTimeOffset?)(mark.SetAt + grace)).Min();
        var again = time.GetUtcNow() + HeldAgainAfter;
        return (ended, held && !(next < again) ? again : next);
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>The newest backup that is not deleted, whose manifest is whole and whose packs are there.</summary>
    private async ValueTask<ManifestEntry?> NewestProofAsync(SourceCatalog catalog, CancellationToken ct)
    {
        foreach (var entry in catalog.LastingManifests().Where(entry => catalog.CanReach(entry.Name.Position)).OrderByDescending(entry => entry.Name.CreatedAtMicroseconds))
        {
            if ((await KeptBackup.ReadAsync(repository, catalog, entry, ct)).IsRestorable)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>True if a deleted backup restores and is newer than the newest of those that are not deleted.</summary>
    private async ValueTask<bool> IsNewerProofAsync(SourceCatalog catalog, BackupId backup, ManifestEntry proof, CancellationToken ct)
    {
        foreach (var entry in catalog.Manifests.Where(entry => entry.Name.Backup == backup && entry.Name.CreatedAtMicroseconds > proof.Name.CreatedAtMicroseconds))
        {
            if ((await KeptBackup.ReadAsync(repository, catalog, entry, ct)).IsRestorable)
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<(SourceCatalog Catalog, KeptBackup Backup)> LookAsync(string source, string prefix, CancellationToken ct)
    {
        RestorePointSelector.ValidateBackup(prefix);
        var catalog = await repository.TryReadCatalogAsync(source, ct);
        var matches = catalog?.Manifests.Where(entry => entry.Name.Backup.ToString().StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).ToList() ?? [];
        return matches.Select(entry => entry.Name.Backup).Distinct().Count() switch
        {
            0 => throw new BackupRefusedException(BackupRefusal.NotFound, $"Source '{source}' has no backup '{prefix}'.", "'backup-sidecar list' shows them."),
            1 => (catalog!, await KeptBackup.ReadAsync(repository, catalog!, matches[^1], ct)),
            _ => throw new BackupRefusedException(BackupRefusal.Ambiguous, $"Source '{source}' has several backups that start with '{prefix}'.", "Give more digits: 'backup-sidecar list --json' shows them whole."),
        };
    }

    private async ValueTask<KeptBackup> SetAsync(SourceCatalog catalog, KeptBackup backup, BackupMarkState state, IReadOnlyList<string>? labels, CancellationToken ct)
    {
        if (labels is null && backup.Problem is DocumentFormatException damaged)
        {
            // The labels that it has are not known, and would be lost.
            throw damaged;
        }

        labels ??= backup.Labels;
        if (backup.Mark is { } now && now.State == state && labels.SequenceEqual(backup.Labels, StringComparer.Ordinal))
        {
            return backup;
        }

        // A clock that was set back does not make the newer mark the older one.
        var setAt = Math.Max(UtcMicroseconds.From(time.GetUtcNow()), backup.Mark?.SetAtMicroseconds + 1 ?? 0);
        var mark = new BackupMark(new BackupMarkName(catalog.Source.Id, backup.Id, setAt, state) { Stamp = repository.Stamp }, labels);
        await repository.PublishMarkAsync(mark, ct);
        await repository.DeleteMarksAsync(catalog.Marks.Where(other => other.Backup == backup.Id), ct);
        return backup with { Mark = mark.Name, Labels = labels };
    }

    private async ValueTask<IDisposable> EnterAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        return new Entered(_gate);
    }

    private sealed class Entered(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
