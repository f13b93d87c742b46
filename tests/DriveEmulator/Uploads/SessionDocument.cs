using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>A resumable session as it is kept on disk.</summary>
/// <param name="Id">The secret in its address.</param>
/// <param name="ContentName">The file on disk that receives the bytes, and becomes the content of the Drive file.</param>
/// <param name="Total">Bytes, if the start has said so.</param>
/// <param name="IsDone">The Drive file has its content, and every further question is answered with the file.</param>
internal sealed record SessionDocument(string Id, FilePlan Plan, string ContentName, long? Total, DateTimeOffset Started, bool IsDone);
