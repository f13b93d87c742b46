using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>The repositories that a source can be restored from, nearest first. One is asked after the other until one has the restore point and gives all of it.</summary>
/// <param name="origins">At least one.</param>
internal sealed class RestoreOrigins(IReadOnlyList<RestoreOrigin> origins)
{
    /// <summary>How long repositories farther away are asked whether they know a newer position than the one at hand.</summary>
    private static readonly TimeSpan AskMax = TimeSpan.FromSeconds(20);

    public static RestoreOrigins Of(IRepositoryReader only) => new([new RestoreOrigin("", _ => ValueTask.FromResult(only))]);

    /// <summary>Plans from the nearest repository that has the restore point.</summary>
    /// <param name="source">Null: the only one of the repository.</param>
    /// <param name="choice">Which restore point.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperatorException">None has it, or could be read.</exception>
    public ValueTask<PlannedRestore> PlanAsync(string? source, RestoreChoice choice, CancellationToken ct) => PlanAsync(0, [], source, choice, ct);

    /// <summary>The same. Where the newest restore point is wanted, the repositories farther away are asked whether they know a newer one.</summary>
    /// <param name="source">As of the other one.</param>
    /// <param name="choice">As of the other one.</param>
    /// <param name="isAttended">True: a person hears the warnings and may restore again. False: an older point is refused.</param>
    /// <param name="time">Ends the wait for them.</param>
    /// <param name="ct">As of the other one.</param>
    /// <exception cref="OperatorException">As of the other one.</exception>
    /// <exception cref="NewerElsewhereException">A newer position is known of, and nobody attends.</exception>
    public async ValueTask<PlannedRestore> PlanAsync(string? source, RestoreChoice choice, bool isAttended, TimeProvider time, CancellationToken ct)
    {
        var planned = await PlanAsync(source, choice, ct);
        if (choice != RestoreChoice.Newest)
        {
            return planned;
        }

        var (newer, unasked) = await AskFartherAsync(planned.Place, planned.Plan.Source.Name, planned.Plan.Point.Position, time, ct);
        return newer is null ? planned with { Warnings = [.. planned.Warnings, .. unasked] }
            : isAttended ? planned with { Warnings = [.. planned.Warnings, $"THIS MAY NOT BE THE NEWEST STATE. {newer.Message} {newer.Hint}"] }
            : throw newer;
    }

    /// <summary>Plans the newest restore point that is known of anywhere, for whom no older one will do and who asks nobody.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="time">Ends the wait for repositories that need not be asked.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Null: every repository was read, and none holds anything of the source.</returns>
    /// <exception cref="OperatorException">
    /// A repository that has to be asked cannot be read, what it holds cannot be restored and no other one has it, or one farther away that can be read holds a newer position.
    /// </exception>
    public async ValueTask<PlannedRestore?> TryPlanNewestAsync(string source, TimeProvider time, CancellationToken ct)
    {
        OperatorException? damage = null;
        var newest = TransactionId.None;
        var warnings = new List<string>();
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
                    var (newer, unasked) = await AskFartherAsync(place, source, plan.Point.Position, time, ct);
                    return newer is null ? new PlannedRestore(plan, repository, place, [.. warnings, .. unasked]) : throw newer;
                }
            }
            catch (OperatorException e) when (place + 1 < origins.Count && e is not NewerElsewhereException)
            {
                damage ??= e;
                warnings.Add(Failed(place, e));
            }
        }

        return newest == TransactionId.None ? null : throw damage ?? new OperatorException(
            FailureKind.VerificationFailed, $"No repository can restore the newest position of source '{source}' that is known, {newest}.", "'verify' names what is missing. Restore an older point yourself, if that is what you want.");
    }

    /// <summary>The local repository is the newest one, unless it was set back to an earlier state, as with the snapshot of its volume.</summary>
    /// <returns>What the first repository farther away says that knows a newer position, or null; and which of them could not be asked.</returns>
    private async ValueTask<(NewerElsewhereException? Newer, IReadOnlyList<string> Unasked)> AskFartherAsync(int place, string source, Position found, TimeProvider time, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(AskMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        var unasked = new List<string>();
        foreach (var origin in origins.Skip(place + 1))
        {
            try
            {
                var catalog = await (await origin.OpenAsync(either.Token)).TryReadCatalogAsync(source, either.Token);
                if (catalog is { NewestListed: { } other } && other.Transaction > found.Transaction)
                {
                    return (
                        new NewerElsewhereException(
                            $"Repository '{origins[place].Name}' ends with position {found.Transaction} of source '{source}', and repository '{origin.Name}' knows position {other.Transaction}{TimeText(catalog, other)}.",
                            $"Was this host or its volume set back to an earlier state? 'backup-sidecar restore' with '--position {other.Transaction}@{other.Timeline}' takes the newer one, with '--position {found.Transaction}@{found.Timeline}' the one at hand."),
                        unasked);
                }
            }
            catch (OperatorException e) when (!ct.IsCancellationRequested)
            {
                unasked.Add($"Whether repository '{origin.Name}' holds a newer position is not known: {e.Message}");
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                unasked.Add($"Whether repository '{origin.Name}' holds a newer position is not known: it did not answer in time.");
            }
        }

        return (null, unasked);
    }

    /// <summary>What is known by an announcement alone has no time.</summary>
    private static string TimeText(SourceCatalog catalog, Position position) =>
        catalog.RestorePoints().Where(point => point.Position == position).Select(point => (DateTimeOffset?)point.Time).FirstOrDefault() is { } at ? $", of {at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "";

    /// <returns>True: every repository was read, and none holds anything of the source.</returns>
    /// <exception cref="OperatorException">One cannot be read, and none before it holds anything.</exception>
    public ValueTask<bool> HoldNothingAsync(string source, CancellationToken ct) => HoldNothingAsync(source, mayNearestBeMissing: false, ct);

    /// <summary>The same before the first start of serve, which makes the nearest repository. The others are made by a person, and are there.</summary>
    /// <param name="source">Null: any source.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>As of <see cref="HoldNothingAsync(string, CancellationToken)"/>.</returns>
    /// <exception cref="OperatorException">As of the same.</exception>
    public ValueTask<bool> HoldNothingYetAsync(string? source, CancellationToken ct) => HoldNothingAsync(source, mayNearestBeMissing: true, ct);

    private async ValueTask<bool> HoldNothingAsync(string? source, bool mayNearestBeMissing, CancellationToken ct)
    {
        for (var place = 0; place < origins.Count; place++)
        {
            try
            {
                var repository = await origins[place].OpenAsync(ct);
                if (source is null ? (await repository.ListStoredSourcesAsync(ct)).Count > 0 : await repository.TryReadCatalogAsync(source, ct) is not null)
                {
                    return false;
                }
            }
            catch (OperatorException e) when (mayNearestBeMissing && place == 0 && e.Kind == FailureKind.RepositoryMissing)
            {
                // Nothing was ever stored there.
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
                return (staged, [.. planned.Warnings, .. warnings]);
            }
            catch (OperatorException e) when (e is not StagingPlaceException && planned.Place + 1 < origins.Count && !ct.IsCancellationRequested)
            {
                var exactly = RestoreChoice.Newest with { Position = $"{position.Transaction}@{position.Timeline}" };
                planned = await PlanAsync(planned.Place + 1, [.. planned.Warnings, Failed(planned.Place, e)], planned.Plan.Source.Name, exactly, ct);
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
