using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>The repositories that a source can be restored from, nearest first. One is asked after the other until one has the restore point and gives all of it.</summary>
/// <param name="origins">At least one.</param>
internal sealed class RestoreOrigins(IReadOnlyList<RestoreOrigin> origins)
{
    public static RestoreOrigins Of(IRepositoryReader only) => new([new RestoreOrigin("", _ => ValueTask.FromResult(only))]);

    /// <summary>Plans from the nearest repository that has the restore point.</summary>
    /// <param name="source">Null: the only one of the repository.</param>
    /// <param name="choice">Which restore point.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperatorException">None has it, or could be read.</exception>
    public ValueTask<PlannedRestore> PlanAsync(string? source, RestoreChoice choice, CancellationToken ct) => PlanAsync(0, [], source, choice, ct);

    /// <summary>Plans the newest restore point that is known of anywhere, for whom no older one will do and who asks nobody.</summary>
    /// <returns>Null: every repository was read, and none holds anything of the source.</returns>
    /// <exception cref="OperatorException">A repository that has to be asked cannot be read, or what it holds cannot be restored and no other one has it.</exception>
    public async ValueTask<PlannedRestore?> TryPlanNewestAsync(string source, CancellationToken ct)
    {
        OperatorException? damage = null;
        var newest = TransactionId.None;
        var passedOver = new List<string>();
        for (var place = 0; place < origins.Count; place++)
        {
            var repository = await origins[place].OpenAsync(ct);
            if (await repository.TryReadCatalogAsync(source, ct) is not { NewestListed: { } listed })
            {
                continue;
            }

            newest = listed.Transaction > newest ? listed.Transaction : newest;
            try
            {
                var plan = await RestorePlanner.PlanAsync(repository, source, RestoreChoice.Newest, ct);
                if (plan.Point.Position.Transaction >= newest)
                {
                    return new PlannedRestore(plan, repository, place, passedOver);
                }
            }
            catch (OperatorException e) when (place + 1 < origins.Count)
            {
                damage ??= e;
                passedOver.Add(Failed(place, e));
            }
        }

        return newest == TransactionId.None ? null : throw damage ?? new OperatorException(
            FailureKind.VerificationFailed, $"No repository can restore the newest position of source '{source}' that is known, {newest}.", "'verify' names what is missing. Restore an older point yourself, if that is what you want.");
    }

    /// <returns>True: every repository was read, and none holds anything of the source.</returns>
    /// <exception cref="OperatorException">One cannot be read, and none before it holds anything.</exception>
    public async ValueTask<bool> HoldNothingAsync(string source, CancellationToken ct)
    {
        foreach (var origin in origins)
        {
            if (await (await origin.OpenAsync(ct)).TryReadCatalogAsync(source, ct) is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>As before the first backup of all: the nearest repository, which serve makes, need not even be there.</summary>
    /// <param name="source">Null: any source.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperatorException">One cannot be read, and none before it holds anything.</exception>
    public async ValueTask<bool> HoldNothingYetAsync(string? source, CancellationToken ct)
    {
        for (var place = 0; place < origins.Count; place++)
        {
            IRepositoryReader repository;
            try
            {
                repository = await origins[place].OpenAsync(ct);
            }
            catch (OperatorException e) when (place == 0 && e.Kind == FailureKind.RepositoryMissing)
            {
                continue;
            }

            if (source is null ? (await repository.ListStoredSourcesAsync(ct)).Count > 0 : await repository.TryReadCatalogAsync(source, ct) is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Assembles and checks the database; where its repository fails on the way, the next one that has the same position starts over.</summary>
    /// <param name="planned">What, and from where first.</param>
    /// <param name="staging">How, from a repository.</param>
    /// <param name="target">As of <see cref="StagingRun.ExecuteAsync"/>.</param>
    /// <param name="restoreId">As of the same.</param>
    /// <param name="ct">As of the same.</param>
    /// <exception cref="OperatorException">As of the same: what the last repository said.</exception>
    public async ValueTask<(StagedDatabase Staged, IReadOnlyList<string> Warnings)> StageAsync(
        PlannedRestore planned, Func<IRepositoryReader, StagingRun> staging, string target, string restoreId, CancellationToken ct)
    {
        var position = planned.Plan.Point.Position;
        while (true)
        {
            try
            {
                var (staged, warnings) = await staging(planned.Repository).ExecuteAsync(planned.Plan, target, restoreId, ct);
                return (staged, [.. planned.PassedOver, .. warnings]);
            }
            catch (OperatorException e) when (e is not StagingPlaceException && planned.Place + 1 < origins.Count && !ct.IsCancellationRequested)
            {
                var exactly = RestoreChoice.Newest with { Position = $"{position.Transaction}@{position.Timeline}" };
                planned = await PlanAsync(planned.Place + 1, [.. planned.PassedOver, Failed(planned.Place, e)], planned.Plan.Source.Name, exactly, ct);
            }
        }
    }

    private async ValueTask<PlannedRestore> PlanAsync(int first, IReadOnlyList<string> passedOver, string? source, RestoreChoice choice, CancellationToken ct)
    {
        OperatorException? nearest = null;
        List<string> failures = [.. passedOver];
        for (var place = first; place < origins.Count; place++)
        {
            try
            {
                var repository = await origins[place].OpenAsync(ct);
                return new PlannedRestore(await RestorePlanner.PlanAsync(repository, source, choice, ct), repository, place, failures);
            }
            catch (OperatorException e) when (!ct.IsCancellationRequested)
            {
                nearest ??= e;
                failures.Add(Failed(place, e));
            }
        }

        throw failures.Count == 1 ? nearest! : new OperatorException(nearest!.Kind, string.Join(' ', failures.Prepend("No repository can be restored from.")), nearest.Hint, nearest);
    }

    private string Failed(int place, OperatorException e) => origins[place].Name.Length == 0 ? e.Message : $"Not restored from repository '{origins[place].Name}': {e.Message}";
}
