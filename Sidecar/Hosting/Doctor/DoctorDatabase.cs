using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>A database that doctor looks at.</summary>
/// <param name="Path">Nothing need be there yet.</param>
/// <param name="Assisted">Null, or the source whose log the sidecar is to copy into the database: mode assist.</param>
internal sealed record DoctorDatabase(string Path, SourceDefinition? Assisted);
