using System.Net;
using System.Text.Json;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using Google;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>The one place where what the library throws becomes ours: what it means, in a sentence, and what to do.</summary>
/// <param name="location">How messages name the store.</param>
internal sealed class DriveErrors(string location)
{
    /// <param name="exception">What the library or the connection threw.</param>
    /// <param name="attempt">What the wire said meanwhile.</param>
    /// <param name="step">What was done, after "Cannot": "upload 'a'".</param>
    public DriveCallException Of(Exception exception, DriveAttempt attempt, string step)
    {
        var status = exception is HttpRequestException or GoogleApiException or JsonException && attempt.Status != 0 ? attempt.Status : (int)((exception as GoogleApiException)?.HttpStatusCode ?? 0);
        var (fault, reason, hint) = exception switch
        {
            ShortContentException e => (DriveFaultKind.OutOfRange, e.Message, CutShort),
            UnexpectedAnswerException e => (DriveFaultKind.Transient, e.Message, TryLater),
            OperationCanceledException or TimeoutException => (DriveFaultKind.Transient, "no answer came", CheckNetwork),
            _ when status >= 400 => OfStatus(status, attempt),
            GoogleApiException or JsonException => (DriveFaultKind.Transient, "an answer came that cannot be read", TryLater),
            HttpRequestException e => (DriveFaultKind.Transient, $"the connection failed ({e.HttpRequestError})", CheckNetwork),
            IOException => (DriveFaultKind.Transient, "the connection broke off", CheckNetwork),
            _ => (DriveFaultKind.Refused, $"{exception.GetType().Name}: {exception.Message}", "This is a mistake in this program, please report it."),
        };
        return Make(fault, step, reason, hint, attempt.RetryAfter, exception);
    }

    /// <summary>For one answer inside a batch, which has no exception of its own.</summary>
    public DriveCallException OfAnswer(HttpStatusCode status, DriveAttempt attempt, string step)
    {
        var (fault, reason, hint) = OfStatus((int)status, attempt);
        return Make(fault, step, reason, hint, attempt.RetryAfter, exception: null);
    }

    /// <summary>True if Drive's word asks for fewer requests.</summary>
    public static bool IsRateLimit(string reason) => reason is "userRateLimitExceeded" or "rateLimitExceeded" or "RATE_LIMIT_EXCEEDED" or "RESOURCE_EXHAUSTED" or "sharingRateLimitExceeded";

    private const string TryLater = "It was tried several times. serve tries again by itself; any other command is to be run again later.";
    private const string CheckNetwork = "Check the network, proxy and DNS of this host. serve tries again by itself; any other command is to be run again.";
    private const string CutShort = "The object was cut short. Run 'verify' to see what it takes with it, and restore another position.";

    private DriveCallException Make(DriveFaultKind fault, string step, string reason, string hint, TimeSpan? retryAfter, Exception? exception) => new(
        fault, fault == DriveFaultKind.OutOfRange ? FailureKind.VerificationFailed : FailureKind.Failed, $"Cannot {step} in {location}: {reason}.", hint, retryAfter, exception);

    private static (DriveFaultKind Fault, string Reason, string Hint) OfStatus(int status, DriveAttempt attempt)
    {
        foreach (var reason in attempt.Reasons)
        {
            if (OfReason(reason, attempt.Message) is var (fault, text, hint))
            {
                return (fault, text, hint);
            }
        }

        var said = attempt.Message.Length > 0 ? $" ({attempt.Message.TrimEnd('.')})" : "";
        return status switch
        {
            401 => (DriveFaultKind.Refused, $"Drive does not accept the credential{said}", "'drive doctor' looks at the credential. 'drive login' makes a new one."),
            404 or 410 => (DriveFaultKind.Missing, "it does not exist, or this credential does not see it", "Check the folder's id, and that the credential belongs to the same OAuth client that made the folder: with the scope drive.file another client does not see it. 'drive doctor' looks at both."),
            409 => (DriveFaultKind.Exists, "its id is taken", "This is a mistake in this program, please report it."),
            416 => (DriveFaultKind.OutOfRange, "the range is outside of the content", CutShort),
            408 => (DriveFaultKind.Transient, "Drive waited too long for the request", CheckNetwork),
            429 => (DriveFaultKind.RateLimited, $"Drive asks for fewer requests{said}", TryLater),
            >= 500 => (DriveFaultKind.Transient, $"Drive answers with status {status}{said}", TryLater),
            _ => (DriveFaultKind.Refused, $"Drive refuses it with status {status}{said}", "'drive doctor' looks at credential, folder and rights."),
        };
    }

    private static (DriveFaultKind Fault, string Reason, string Hint)? OfReason(string reason, string message) => reason switch
    {
        _ when IsRateLimit(reason) =>
            (DriveFaultKind.RateLimited, $"Drive asks for fewer requests ({reason})", TryLater),
        "backendError" or "internalError" or "transientError" => (DriveFaultKind.Transient, $"Drive has an error of its own ({reason})", TryLater),
        "dailyLimitExceeded" or "quotaExceeded" => (
            DriveFaultKind.Refused, "the requests of a day of the Google Cloud project are used up", "They begin anew at midnight Pacific time. The project's quota page shows what used them."),
        "storageQuotaExceeded" when message.Contains("service account", StringComparison.OrdinalIgnoreCase) => (
            DriveFaultKind.Refused, "a service account has no storage of its own", "Put the folder into a shared drive where the service account may add files, let it act for a user (subject), or use a user's credential from 'drive login'."),
        "storageQuotaExceeded" => (
            DriveFaultKind.Refused, "the storage of the Drive account is full", "Empty its trash, free space or buy more, or let retention keep fewer backups. serve then goes on by itself. A service account has no storage at all: it needs a shared drive, or a user to act for (subject)."),
        "teamDriveFileLimitExceeded" or "numChildrenInNonRootLimitExceeded" => (
            DriveFaultKind.Refused, "the folder or its shared drive has as many files as Drive allows", "Let retention keep fewer backups, or begin a repository in a new folder."),
        "insufficientFilePermissions" or "insufficientParentPermissions" or "teamDriveMembershipRequired" => (
            DriveFaultKind.NotAllowed, "the credential may not do that in this folder", "Give its account the role of an editor (in a shared drive: content manager) on the folder."),
        "appNotAuthorizedToFile" or "appNotAuthorizedToParent" => (
            DriveFaultKind.Refused, "this application was not given that file or folder", "With the scope drive.file only the OAuth client that made the folder may use it: sign in with that client, or make a new folder with 'repository add'."),
        "insufficientPermissions" or "insufficientScopes" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => (
            DriveFaultKind.Refused, "the credential lacks the scope drive.file", "Run 'drive login' again and allow what is asked for; for delegation, allow the scope in the admin console."),
        "accessNotConfigured" or "SERVICE_DISABLED" => (
            DriveFaultKind.Refused, "the Drive API is not switched on in the Google Cloud project of the credential", "Switch it on in the project's API library, wait a few minutes, and try again."),
        "domainPolicy" => (DriveFaultKind.Refused, "the administrators of the domain have switched Drive apps off", "Ask them to allow this OAuth client."),
        _ => null,
    };
}
