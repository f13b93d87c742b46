namespace BackupSidecar.DriveEmulator.Files;

/// <summary>The bytes of a file: where they are and what they are. One revision; a new content has a new name.</summary>
/// <param name="Name">The file name in the content folder, and the revision's id.</param>
/// <param name="Md5">Lower-case hex.</param>
/// <param name="Sha256">Lower-case hex, or null where it is not computed.</param>
internal sealed record FileContent(string Name, long Size, string Md5, string? Sha256);
