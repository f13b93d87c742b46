namespace BackupSidecar.Hosting.Configuration;

/// <summary>What tells one state of a file from another without reading it; the default: there is no file.</summary>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length)
{
    public static FileStamp Of(string path)
    {
        try
        {
            // A mounted ConfigMap is a link, which is set anew.
            var link = new FileInfo(path);
            var file = link.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? link;
            return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As if it were not there; the reading says why.
            return default;
        }
    }
}
