using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;

namespace BackupSidecar.Api;

/// <summary>Fields of requests, whose senders may have sent anything: each is what it should be, or the call is refused.</summary>
internal static class RequestFields
{
    private const int InstanceLengthMin = 8;
    private const int InstanceLengthMax = 64;
    private const int AppVersionLengthMax = 80;
    private const int RestoreIdLength = 16;

    /// <exception cref="ApiException">It is no instance id.</exception>
    public static string Instance(string text) =>
        IsId(text)
            ? text
            : throw Refused($"instance_id '{Shown(text)}'", $"{InstanceLengthMin} to {InstanceLengthMax} of a-z, A-Z, 0-9, '.', '_' and '-'", "Make a new random one at each start of the app, such as a UUID.");

    /// <summary>Empty: there is none.</summary>
    /// <exception cref="ApiException">It is no id of a request.</exception>
    public static string RequestId(string text) => text.Length == 0 || IsId(text) ? text : throw Refused(
        $"request_id '{Shown(text)}'", $"{InstanceLengthMin} to {InstanceLengthMax} of a-z, A-Z, 0-9, '.', '_' and '-'", "Make a new random one for each request, such as a UUID, or leave it out.");

    /// <exception cref="ApiException">It can be no id of a backup, nor the first digits of one.</exception>
    public static string BackupId(string text)
    {
        try
        {
            RestorePointSelector.ValidateBackup(text);
            return text;
        }
        catch (OperatorException e)
        {
            throw new ApiException(ErrorReason.InvalidArgument, e.Message, e.Hint);
        }
    }

    /// <exception cref="ApiException">One of them is no label, or there are too many.</exception>
    public static IReadOnlyList<string> Labels(IReadOnlyCollection<string> labels)
    {
        if (labels.Count > BackupLabel.CountMax)
        {
            throw Refused($"number of labels, {labels.Count},", $"0 to {BackupLabel.CountMax}", "Leave some out.");
        }

        return labels.FirstOrDefault(label => !BackupLabel.IsValid(label)) is { } wrong
            ? throw Refused($"label '{Shown(wrong)}'", $"1 to {BackupLabel.LengthMax} characters without control characters or white space at the ends", "Leave it out, or write it otherwise.")
            : [.. labels.Distinct(StringComparer.Ordinal)];
    }

    /// <exception cref="ApiException">It cannot be a part of a label.</exception>
    public static string AppVersion(string text) =>
        text.Length == 0 || (text.Length <= AppVersionLengthMax && BackupLabel.IsValid(text))
            ? text
            : throw Refused($"app_version '{Shown(text)}'", $"1 to {AppVersionLengthMax} characters without control characters or white space at the ends", "Leave it out if there is none.");

    /// <exception cref="ApiException">It is no id of a restore.</exception>
    public static string RestoreId(string text) =>
        text.Length == RestoreIdLength && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw Refused($"restore_id '{Shown(text)}'", $"{RestoreIdLength} hexadecimal digits in lower case", "'backup-sidecar restores show' shows the newest one.");

    /// <exception cref="ApiException">It can be no restore point.</exception>
    public static RestoreChoice Choice(RestoreSelector? selector)
    {
        try
        {
            switch (selector?.ChoiceCase)
            {
                case RestoreSelector.ChoiceOneofCase.Backup:
                    RestorePointSelector.ValidateBackup(selector.Backup);
                    return RestoreChoice.Newest with { Backup = selector.Backup };
                case RestoreSelector.ChoiceOneofCase.Label:
                    return RestoreChoice.Newest with { Label = BackupLabel.Validate(selector.Label) };
                case RestoreSelector.ChoiceOneofCase.Position:
                    RestorePointSelector.ValidatePosition(selector.Position);
                    return RestoreChoice.Newest with { Position = selector.Position };
                case RestoreSelector.ChoiceOneofCase.Time:
                    return RestoreChoice.Newest with { At = ProtoTime.Checked(selector.Time, "time") };
                default:
                    return RestoreChoice.Newest;
            }
        }
        catch (OperatorException e) when (e is not ApiException)
        {
            throw new ApiException(ErrorReason.InvalidArgument, e.Message, e.Hint);
        }
    }

    /// <summary>What a stranger sent is shown, and not all of it.</summary>
    public static string Shown(string text) => text.Length <= 100 ? text : $"{text.AsSpan(0, 100)}…";

    private static bool IsId(string text) => text.Length is >= InstanceLengthMin and <= InstanceLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static ApiException Refused(string what, string allowed, string hint) => new(ErrorReason.InvalidArgument, $"The {what} is not allowed: {allowed}.", hint);
}
