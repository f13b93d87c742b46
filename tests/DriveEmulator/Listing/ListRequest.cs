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
        var corpora = call.Parameter("corpora") ?? (driveId is null ? "user" : "drive");
        Check(call, corpora, driveId, includes);
        var pageSize = call.Number("pageSize", PageSizeDefault, min: 1, max: PageSizeMax);
        return new ListRequest(ParseQuery(call.Parameter("q")), driveId, includes && corpora == "allDrives", ListOrder.Parse(call.Parameter("orderBy")), pageSize, call.Parameter("pageToken"));
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

        if (driveId is null)
        {
            if (corpora is "drive" or "teamDrive")
            {
                throw new DriveException(400, "teamDriveCorporaRequiresTeamDriveId", "The driveId parameter must be specified if corpora is set to drive.") { Parameter = "driveId" };
            }

            if (corpora == "allDrives" && !(includes && call.SupportsAllDrives))
            {
                throw new DriveException(400, "includeTeamDriveItemsRequired", "The includeItemsFromAllDrives parameter must be set to true for this corpora.") { Parameter = "includeItemsFromAllDrives" };
            }

            return;
        }

        if (corpora is not ("drive" or "teamDrive"))
        {
            throw new DriveException(400, "teamDriveIdRequiresTeamDriveCorpora", "The driveId parameter must be specified if and only if corpora is set to drive.") { Parameter = "corpora" };
        }

        if (!includes)
        {
            throw new DriveException(403, "includeTeamDriveItemsRequired", "The includeItemsFromAllDrives parameter must be set to true when a driveId is specified.") { Parameter = "includeItemsFromAllDrives" };
        }

        if (!call.SupportsAllDrives)
        {
            throw new DriveException(403, "teamDrivesFeatureNotSupported", "The supportsAllDrives parameter must be set to true when a driveId is specified.") { Parameter = "supportsAllDrives" };
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
