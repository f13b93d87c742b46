namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>The requests of one day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Requests">Made, or reserved to be made.</param>
internal sealed record RequestDay(DateOnly Day, int Requests);
