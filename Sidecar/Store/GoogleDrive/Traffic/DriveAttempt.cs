namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What the wire said to one attempt of a call, for what the library's exceptions leave out. It flows with the attempt to the handler that sends.</summary>
internal sealed class DriveAttempt
{
    private static readonly AsyncLocal<DriveAttempt?> Here = new();

    public static DriveAttempt? Current => Here.Value;

    /// <summary>Of the last answer that was no success; 0: there was none.</summary>
    public int Status { get; set; }

    /// <summary>Drive's words for what is wrong, such as <c>storageQuotaExceeded</c>.</summary>
    public IReadOnlyList<string> Reasons { get; set; } = [];

    /// <summary>Drive's sentence for people; empty if there was none.</summary>
    public string Message { get; set; } = "";

    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Makes a new one the current one until the caller's method returns.</summary>
    public static DriveAttempt Begin() => Here.Value = new DriveAttempt();
}
