namespace BackupSidecar.Store.GoogleDrive;

/// <summary>A file that stands for an object.</summary>
/// <param name="Id">Drive's.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Md5">Of its content, hexadecimal; empty where Drive did not tell.</param>
internal sealed record KnownFile(string Id, long Size, string Md5);
