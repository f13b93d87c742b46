using System.Globalization;
using BackupSidecar.Following;

namespace BackupSidecar.Api;

/// <summary>Keeps a status small, whatever an error message or a misconfigured directory says: below 145 KB a source, and 400 KB beside them.</summary>
internal static class StatusBounds
{
    private const int TextMax = 500;
    private const int TextsMax = 50;

    public static ServeStatus Bound(ServeStatus status) => status with
    {
        Sources = [.. status.Sources.Select(Bound)],
        Problems = Bound(status.Problems),
        Protection = Bound(status.Protection),
    };

    private static SourceStatus Bound(SourceStatus source) => source with
    {
        Reason = source.Reason is { } reason ? Bound(reason) : null,
        Refusals = [.. source.Refusals.Select(refusal => refusal with { Reason = Bound(refusal.Reason) })],
        Assist = source.Assist is { Hindrance: { } hindrance } assist ? assist with { Hindrance = Bound(hindrance) } : source.Assist,
        Trouble = Bound(source.Trouble),
        Remotes = [.. source.Remotes.Select(remote => remote with { Location = Bound(remote.Location), Trouble = Bound(remote.Trouble), Account = Bound(remote.Account) })],
        Runs = source.Runs.LastFailure is { } failure ? source.Runs with { LastFailure = failure with { Message = Bound(failure.Message), Hint = Bound(failure.Hint) } } : source.Runs,
        Protection = source.Protection is { } protection ? Bound(protection) : null,
    };

    private static SourceTrouble? Bound(SourceTrouble? trouble) => trouble is null ? null : trouble with { Message = Bound(trouble.Message), Hint = Bound(trouble.Hint) };

    private static RemoteAccount? Bound(RemoteAccount? account) => account is null ? null : account with
    {
        Credential = Bound(account.Credential),
        Kind = account.Kind is { } kind ? Bound(kind) : null,
        Death = account.Death is { } death ? death with { Reason = Bound(death.Reason), Hint = Bound(death.Hint) } : null,
    };

    private static Protection Bound(Protection protection) => protection with
    {
        Reasons = Bound(protection.Reasons),
        NextStep = protection.NextStep is { } step ? Bound(step) : null,
    };

    private static IReadOnlyList<string> Bound(IReadOnlyList<string> texts) => texts.Count <= TextsMax
        ? [.. texts.Select(Bound)]
        : [.. texts.Take(TextsMax).Select(Bound), string.Create(CultureInfo.InvariantCulture, $"{texts.Count - TextsMax} more; the log names each")];

    public static string Bound(string text) => text.Length <= TextMax ? text : $"{text.AsSpan(0, TextMax - 1)}…";
}
