using System.Net;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>The requests of this process with one credential, by what they asked for and how they ended. They only grow.</summary>
internal sealed class DriveTraffic
{
    private static readonly DriveRequestKind[] Kinds = Enum.GetValues<DriveRequestKind>();
    private static readonly DriveRequestResult[] Results = Enum.GetValues<DriveRequestResult>();

    private readonly long[] _counts = new long[Kinds.Length * Results.Length];

    /// <summary>Those of which there was at least one.</summary>
    public IReadOnlyList<(DriveRequestKind Kind, DriveRequestResult Result, long Count)> Counts =>
    [
        .. from kind in Kinds
           from result in Results
           let count = Volatile.Read(ref _counts[IndexOf(kind, result)])
           where count > 0
           select (kind, result, count),
    ];

    public void Add(DriveRequestKind kind, DriveRequestResult result) => Interlocked.Increment(ref _counts[IndexOf(kind, result)]);

    /// <param name="kind">What was asked.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="reasons">Drive's words in it.</param>
    public void Add(DriveRequestKind kind, HttpStatusCode status, IReadOnlyList<string> reasons) => Add(kind, (int)status switch
    {
        < 400 => DriveRequestResult.Ok,
        429 => DriveRequestResult.Limited,
        _ when reasons.Any(DriveErrors.IsRateLimit) => DriveRequestResult.Limited,
        408 or >= 500 => DriveRequestResult.Failed,
        _ => DriveRequestResult.Refused,
    });

    private static int IndexOf(DriveRequestKind kind, DriveRequestResult result) => ((int)kind * Results.Length) + (int)result;
}
