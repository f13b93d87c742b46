namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>The content ends before the range does. Asking again does not help.</summary>
/// <param name="end">Where it ends: its length.</param>
internal sealed class ShortContentException(long end) : IOException($"the content ends at byte {end}")
{
    public long End => end;
}
