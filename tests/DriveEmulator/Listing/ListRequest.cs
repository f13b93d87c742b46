using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Query;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>The parameters of <c>files.list</c>, read and checked.</summary>
/// <param name="Matches">The query as a condition.</param>
/// <param name="DriveId">Only files of this shared drive; null: see <paramref name="IncludesDrives"/>.</param>
/// <param name="IncludesDrives">Files of all shared drives of the caller as well as his own.</param>
internal sealed record ListRequest(Func<QuerySubject, bool> Matches, string? DriveId, bool IncludesDrives, ListOrder Order, int PageSize, string? PageToken)
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1000;

    /// <exception cref="DriveException">400 or 403, as Drive answers a parameter that it does not take.</exception>
    public static ListRequest Read(Call call)
    {
        var driveId = call.Parameter("driveId") ?? call.Parameter("teamDriveId");
        var includes = call.Flag("includeItemsFromAllDrives") || call.Flag("includeTeamDriveItems");
        var corpora = call.Parameter("corpora") ?? "user";
        Check(call, corpora, driveId, includes);
        var pageSize = call.Number("pageSize", PageSizeDefault, min: 1, max: PageSizeMax);
        return new ListRequest(ParseQuery(call.Parameter("q")), driveId, includes && call.SupportsAllDrives, ListOrder.Parse(call.Parameter("orderBy")), pageSize, call.Parameter("pageToken"));
    }

    private static void Check(Call call, string corpora, string? driveId, bool includes)
    {
        if (corpora is not ("user" or "drive" or "teamDrive" or "allDrives" or "domain"))
        {
            throw new DriveException(400, "invalidParameter", $"Invalid value '{corpora}' for corpora.") { Parameter = "corpora" };
        }

        if (call.Parameter("spaces") is { } spaces && spaces != "drive")
        {
            throw new DriveException(400, "invalidParameter", $"The emulator has no space '{spaces}'.") { Parameter = "spaces" };
        }

        var isDrive = corpora is "drive" or "teamDrive";
        if ((isDrive || corpora == "allDrives" || driveId is not null) && !includes)
        {
            throw new DriveException(403, "includeItemsFromAllDrivesRequired", "The includeItemsFromAllDrives parameter must be set to true when driveId is specified or corpora contains drive or allDrives.") { Parameter = "includeItemsFromAllDrives" };
        }

        if (includes && !call.SupportsAllDrives)
        {
            throw new DriveException(403, "supportsAllDrivesRequired", "The supportsAllDrives parameter must be set to true when includeItemsFromAllDrives is.") { Parameter = "supportsAllDrives" };
        }

        if (isDrive != (driveId is not null))
        {
            throw new DriveException(400, "teamDriveIdRequiresTeamDriveCorpora", "The driveId parameter must be specified if and only if corpora is set to drive.") { Parameter = "driveId" };
        }
    }

    private static Func<QuerySubject, bool> ParseQuery(string? query)
    {
        try
        {
            return query is null ? _ => true : Parser.Parse(query);
        }
        catch (QueryException)
        {
            throw DriveException.Invalid("q", "Invalid Value");
        }
    }
}
