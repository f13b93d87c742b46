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

    /// <summary>
    /// The same. The repositories farther away are asked whether they know another history of the source, and, where the newest restore point is wanted, a newer one. The id of a backup is of
    /// one history.
    /// </summary>
    /// <param name="source">As of the other one.</param>
    /// <param name="choice">As of the other one.</param>
    /// <param name="isAttended">True: a person hears the warnings and may restore again. False: an older point is refused, and so is one that may be of the wrong history.</param>
    /// <param name="time">Ends the wait for them.</param>
    /// <param name="ct">As of the other one.</param>
    /// <exception cref="OperatorException">As of the other one.</exception>
    /// <exception cref="NewerElsewhereException">A newer position or another history is known of, and nobody attends.</exception>
    public async ValueTask<PlannedRestore> PlanAsync(string? source, RestoreChoice choice, bool isAttended, TimeProvider time, CancellationToken ct)
    {
        var planned = await PlanAsync(source, choice, ct);
        if (choice.Backup is not null)
        {
            return planned;
        }

        var (other, unasked) = await AskOthersAsync(planned, choice, time, ct);
        return other is null ? planned with { Warnings = [.. planned.Warnings, .. unasked] }
            : isAttended ? planned with { Warnings = [.. planned.Warnings, $"{other.Warning} {other.Message} {other.Hint}"] }
            : throw other;
    }

    /// <summary>Plans the newest restore point that is known of anywhere, for whom no older one will do and who asks nobody.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="time">Ends the wait for repositories that need not be asked.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Null: every repository was read, and none holds anything of the source.</returns>
    /// <exception cref="OperatorException">
    /// A repository that has to be asked cannot be read, what it holds cannot be restored and no other one has it, or one farther away that can be read holds a newer position
    /// or another history.
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
                    var planned = new PlannedRestore(plan, repository, place, warnings);
                    var (other, unasked) = await AskOthersAsync(planned, RestoreChoice.Newest, time, ct);
                    return other is null ? planned with { Warnings = [.. warnings, .. unasked] } : throw other;
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

    /// <summary>The local repository is the newest one, unless it was set back to an earlier state, as with the snapshot of its volume. Once it has gone on from there, it holds another history.</summary>
    /// <returns>What the first other repository says that knows a newer position or another history, or null; and which of those farther away could not be asked.</returns>
    private async ValueTask<(NewerElsewhereException? Other, IReadOnlyList<string> Unasked)> AskOthersAsync(PlannedRestore planned, RestoreChoice choice, TimeProvider time, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(AskMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        var unasked = new List<string>();
        for (var place = 0; place < origins.Count; place++)
        {
            if (place == planned.Place)
            {
                continue;
            }

            try
            {
                if (await (await origins[place].OpenAsync(either.Token)).TryReadCatalogAsync(planned.Plan.Source.Name, either.Token) is { } catalog)
                {
                    // After the other one: what one farther away got meanwhile is known here.
                    var own = await planned.Repository.ReadCatalogAsync(planned.Plan.Source, either.Token);
                    var found = planned.Plan.Point.Position;
                    var other = place < planned.Place
                        ? OtherHistory(place, catalog, planned.Place, own, found, choice) ?? Unrestorable(place, catalog, planned.Place, found, choice)
                        : OtherHistory(planned.Place, own, place, catalog, found, choice) ?? Newer(planned.Place, own, place, catalog, found, choice);
                    if (other is not null)
                    {
                        return (other, unasked);
                    }
                }
            }
            catch (Exception e) when (e is OperatorException or OperationCanceledException && place < planned.Place && !ct.IsCancellationRequested)
            {
                // Why nothing is restored from there is told already.
            }
            catch (OperatorException e) when (!ct.IsCancellationRequested)
            {
                unasked.Add($"Whether repository '{origins[place].Name}' holds {Wanted(choice)} is not known: {e.Message}");
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                unasked.Add($"Whether repository '{origins[place].Name}' holds {Wanted(choice)} is not known: it did not answer in time.");
            }
        }

        return (null, unasked);
    }

    private static string Wanted(RestoreChoice choice) => choice == RestoreChoice.Newest ? "a newer position" : "another history";

    /// <summary>
    /// A position that is unknown here proves nothing: compaction merges positions away. But one number is given to one capture alone. Where the newest position there is one of ours, the history here
    /// has gone on from there, and what else is there is a branch of it.
    /// </summary>
    /// <returns>Null: what both hold agrees, or does not matter to the choice.</returns>
    private NewerElsewhereException? OtherHistory(int nearPlace, SourceCatalog near, int farPlace, SourceCatalog far, Position found, RestoreChoice choice)
    {
        var others = near.OthersIn(far);
        var other = choice.Position is { } position
            ? others.FirstOrDefault(name => name.To.Transaction == found.Transaction && (name.To.Timeline == found.Timeline || !position.Contains('@', StringComparison.Ordinal)))
            : far.NewestListed is { } newest && !near.HasCaptured(newest, far) ? others.FirstOrDefault() : default;
        if (other == default)
        {
            return null;
        }

        var (here, there) = (origins[nearPlace].Name, origins[farPlace].Name);
        var captured = near.Packs.First(pack => pack.Name.To.Transaction == other.To.Transaction).Name.CaptureTime;
        return new NewerElsewhereException(
            "THIS MAY NOT BE THE STATE YOU WANT.",
            $"Repositories '{here}' and '{there}' hold two histories of source '{near.Source.Name}': position {other.To.Transaction} was captured at {Text(captured)} in '{here}', and at {Text(other.CaptureTime)} in '{there}'. " +
            $"Repository '{here}' ends with position {End(near)}, and repository '{there}' with position {End(far)}.",
            $"Was this host or its volume set back to an earlier state, or copied? A position alone does not tell which is meant: 'backup-sidecar restore --config FILE' with '--repository-name {there}' takes the history of '{there}', with '--repository-name {here}' that of '{here}'.");
    }

    private NewerElsewhereException? Newer(int nearPlace, SourceCatalog near, int farPlace, SourceCatalog far, Position found, RestoreChoice choice)
    {
        if (choice != RestoreChoice.Newest || far.NewestListed is not { } newest || newest.Transaction < found.Transaction || newest == found || near.HasCaptured(newest, far))
        {
            return null;
        }

        return new NewerElsewhereException(
            "THIS MAY NOT BE THE NEWEST STATE.",
            $"Repository '{origins[nearPlace].Name}' ends with position {found.Transaction} of source '{near.Source.Name}', and repository '{origins[farPlace].Name}' knows position {newest.Transaction}{TimeText(far, newest)}.",
            $"Was this host or its volume set back to an earlier state? 'backup-sidecar restore' with '--position {newest.Transaction}@{newest.Timeline}' takes the newer one, with '--position {found.Transaction}@{found.Timeline}' the one at hand.");
    }

    /// <summary>A nearer repository knows a newer position, and has not given it.</summary>
    private NewerElsewhereException? Unrestorable(int nearPlace, SourceCatalog near, int farPlace, Position found, RestoreChoice choice)
    {
        if (choice != RestoreChoice.Newest || near.NewestListed is not { } newest || newest.Transaction <= found.Transaction)
        {
            return null;
        }

        return new NewerElsewhereException(
            "THIS IS NOT THE NEWEST STATE.",
            $"Repository '{origins[nearPlace].Name}' knows position {newest.Transaction}{TimeText(near, newest)} of source '{near.Source.Name}', which cannot be restored from there, and repository '{origins[farPlace].Name}' ends with position {found.Transaction}.",
            $"'verify' names what is damaged or missing there. If the older state is what you want, 'backup-sidecar restore' with '--position {found.Transaction}@{found.Timeline}' takes it.");
    }

    private static string End(SourceCatalog catalog) => catalog.NewestListed is { } newest ? $"{newest.Transaction}{TimeText(catalog, newest)}" : "0";

    /// <summary>What is known by an announcement alone has no time.</summary>
    private static string TimeText(SourceCatalog catalog, Position position) =>
        catalog.RestorePoints().Where(point => point.Position == position).Select(point => (DateTimeOffset?)point.Time).FirstOrDefault() is { } at ? $", of {Text(at)}" : "";

    private static string Text(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";

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
        var (position, fingerprint) = (planned.Plan.Point.Position, planned.Plan.Fingerprint);
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
                if (planned.Plan.Fingerprint != fingerprint)
                {
                    throw new OperatorException(
                        e.Kind,
                        $"{e.Message} Repository '{origins[planned.Place].Name}' holds another database under position {position.Transaction}: another history of source '{planned.Plan.Source.Name}'. It is not put in the place of the one that was asked for.",
                        $"'backup-sidecar restore --config FILE' with '--repository-name {origins[planned.Place].Name}' takes that one, if it is the one that you want.",
                        e);
                }
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
