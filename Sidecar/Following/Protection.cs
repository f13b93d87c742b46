using System.Globalization;

namespace BackupSidecar.Following;

/// <summary>A judgement on a status: values in, words out.</summary>
/// <param name="Level">The worst of the reasons.</param>
/// <param name="Reasons">Why it is no better, the gravest first; none where it is safe. Each a sentence.</param>
/// <param name="NextStep">What to do about the gravest; null: nothing.</param>
internal sealed record Protection(ProtectionLevel Level, IReadOnlyList<string> Reasons, string? NextStep)
{
    /// <summary>Commits that wait for longer are at risk. Above what a capture, a full of a large database apart, takes.</summary>
    private static readonly TimeSpan LagAtRisk = TimeSpan.FromMinutes(2);

    /// <summary>Commits that wait, or a source that has failed, for longer make it unsafe.</summary>
    private static readonly TimeSpan LagUnsafe = TimeSpan.FromHours(1);

    /// <summary>A volume with less than this part of it free is all but full.</summary>
    private const int DiskPartFree = 100;

    /// <summary>A repository beside the local one may lack what was captured for twice its interval and this.</summary>
    private static readonly TimeSpan RemoteLagAtRisk = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan DiskFullSoon = TimeSpan.FromDays(3);

    public static Protection Safe { get; } = new(ProtectionLevel.Safe, [], null);

    /// <param name="status">With its lag: see <see cref="SourceStatus.WithLagAt"/>.</param>
    /// <param name="now">When it was asked for.</param>
    public static Protection Of(SourceStatus status, DateTimeOffset now) => Worst(Doubts(status, now));

    /// <param name="disk">A volume that backups depend on.</param>
    /// <param name="now">When it was asked for.</param>
    public static Protection Of(DiskStatus disk, DateTimeOffset now)
    {
        var what = $"The volume of the {disk.Use} ({disk.Path})";
        return disk switch
        {
            _ when disk.FreeBytes < disk.TotalBytes / DiskPartFree => Doubt(ProtectionLevel.AtRisk, $"{what} is all but full.", "Make room: a capture that finds none is not stored."),
            { FullAt: { } full } when full - now < DiskFullSoon => Doubt(
                ProtectionLevel.AtRisk, $"{what} will be full within {Age(full - now)} if it goes on filling as it did.", "Make room, or give it a larger volume, before that."),
            _ => Safe,
        };
    }

    /// <param name="damage">What was found in what is stored; null: nothing.</param>
    public static Protection Of(StoredDamage? damage) => damage switch
    {
        null => Safe,
        { Full: { } full } => Doubt(
            ProtectionLevel.AtRisk,
            string.Create(CultureInfo.InvariantCulture, $"Positions before {full} may not restore: {damage.Message} Position {full} is a full and needs nothing older."),
            "Find out what damaged it (the disk, the volume), and bring the pack back from another repository or a copy if older positions matter. A verification at level data that finds nothing ends this, or a restart."),
        _ => Doubt(ProtectionLevel.Unsafe, $"What is stored is damaged: {damage.Message}", $"A new full of the live database is being made: leave that in place, and see the log if this stays. {damage.Hint}"),
    };

    /// <summary>All reasons together, the gravest first.</summary>
    public static Protection Worst(IEnumerable<Protection> parts)
    {
        var ordered = parts.Where(part => part.Level != ProtectionLevel.Safe).OrderByDescending(part => part.Level).ToList();
        return ordered is [var first, ..] ? first with { Reasons = [.. ordered.SelectMany(part => part.Reasons)] } : Safe;
    }

    private static IEnumerable<Protection> Doubts(SourceStatus status, DateTimeOffset now)
    {
        if (status.State == SourceState.Paused)
        {
            yield return Doubt(ProtectionLevel.AtRisk, $"It is not followed: {status.Reason}.", "When the reason for the pause is gone: 'backup-sidecar sources resume', or enabled: true in the configuration.");
            yield break;
        }

        if (status.Trouble is { OverAt: null } trouble)
        {
            var hasCapturedSince = status.LastCaptureAt >= trouble.Since;
            yield return Doubt(
                !hasCapturedSince && now - trouble.Since >= LagUnsafe ? ProtectionLevel.Unsafe : ProtectionLevel.AtRisk,
                hasCapturedSince ? trouble.Message : $"Capturing has failed for {Age(now - trouble.Since)}: {trouble.Message}",
                trouble.Hint);
        }

        if (status.State == SourceState.Ended)
        {
            yield return Doubt(ProtectionLevel.AtRisk, "It is followed no more.", "Start serve again.");
        }

        if (status.DatabaseBytes is null && status.State == SourceState.Waiting)
        {
            yield return Doubt(
                ProtectionLevel.AtRisk,
                status.Position is null ? $"There is no database at {status.Path}, so that nothing is protected." : $"There is no database at {status.Path} any more.",
                status.Position is null
                    ? "Check the path and the mount, unless the app is still to make it."
                    : "Check the mount, or put the file back. Else end every instance of the app, since what one that has the deleted file open commits is not captured, and start one: 'lifecycle prepare' fills it from the newest position, as 'restore' does.");
        }
        else if (status.Position is null)
        {
            yield return Doubt(ProtectionLevel.Unsafe, "Nothing is stored yet.", status.Trouble is { OverAt: null, Hint: var hint } ? hint : "Wait for the first capture; its failures show here and in the log.");
        }

        if (status.Runs is { LastFailure: { } failure } runs && (IsFailing(runs.Drills) || IsFailing(runs.Backups)))
        {
            yield return Doubt(ProtectionLevel.AtRisk, $"The last {(IsFailing(runs.Drills) ? "drill" : "backup")} failed: {failure.Message}", failure.Hint);
        }

        if (status.Restore is { State: "rollback pending" } rollback)
        {
            yield return Doubt(ProtectionLevel.AtRisk, $"Restore {rollback.Id} waits to be taken back: what the app commits until then is kept as a backup, and not in the database from before.", "Restart the app.");
        }

        foreach (var remote in status.Remotes)
        {
            if (DoubtOf(remote, now) is { } doubt)
            {
                yield return doubt;
            }
        }

        if (status.LagSeconds is { } seconds && TimeSpan.FromSeconds(seconds) is var lag && lag >= LagAtRisk)
        {
            yield return Doubt(
                lag >= LagUnsafe ? ProtectionLevel.Unsafe : ProtectionLevel.AtRisk,
                $"Commits of the last {Age(lag)} are not stored.",
                "A capture takes long, or comes seldom: see its state and the log, and the intervals in the configuration.");
        }
    }

    /// <summary>A dead credential, and what no further try will mend, count at once, also where nothing is lacking yet: nothing goes there any more until somebody acts.</summary>
    private static Protection? DoubtOf(RemoteStatus remote, DateTimeOffset now)
    {
        var late = remote.LagSeconds is { } seconds && TimeSpan.FromSeconds(seconds) is var lag && lag >= RemoteLagAtRisk + TimeSpan.FromSeconds(2 * remote.IntervalSeconds) ? Age(lag) : null;
        return remote switch
        {
            { Account: { Death: { } death } account } => Doubt(
                ProtectionLevel.AtRisk,
                $"Repository '{remote.Name}' gets nothing any more: the credential in {account.Credential} has been dead for {Age(now - death.Since)} ({death.Reason}){(late is null ? "." : $"; it lacks what was captured in the last {late}.")}",
                death.Hint),
            { IsRefused: true, Trouble: { OverAt: null } refusal } => Doubt(ProtectionLevel.AtRisk, $"Repository '{remote.Name}' gets nothing of it: {refusal.Message}", refusal.Hint),
            _ when late is null => null,
            { Trouble: { OverAt: null } cause } => Doubt(ProtectionLevel.AtRisk, $"Repository '{remote.Name}' lacks what was captured in the last {late}: {cause.Message}", cause.Hint),
            _ => Doubt(
                ProtectionLevel.AtRisk, $"Repository '{remote.Name}' lacks what was captured in the last {late}.", "It is slow, or there is very much to send: 'backup-sidecar status' shows how far it has come."),
        };
    }

    private static bool IsFailing(Ledger.RunTotals totals) => totals.LastFailureAt is { } failed && !(totals.LastSuccessAt >= failed);

    private static Protection Doubt(ProtectionLevel level, string reason, string nextStep) => new(level, [reason], nextStep);

    /// <summary>Rounded, so that a status that has not changed says the same again.</summary>
    private static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "less than a minute",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h",
        _ => $"{(int)age.TotalDays} days",
    };
}
