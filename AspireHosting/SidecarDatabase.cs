namespace BackupSidecar.AspireHosting;

/// <summary>A database that the sidecar follows.</summary>
/// <param name="Name">Of the source.</param>
/// <param name="FileName">In the data folder.</param>
/// <param name="StartEmpty">An app may begin with an empty one where none is there and nothing is stored.</param>
internal sealed record SidecarDatabase(string Name, string FileName, bool StartEmpty);
