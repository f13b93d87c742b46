namespace BackupSidecar.Hosting.Doctor;

/// <summary>What doctor looks at.</summary>
/// <param name="Databases">Each on its own.</param>
/// <param name="Repository">Null: none is looked at.</param>
/// <param name="State">Null: none is looked at.</param>
/// <param name="StartProbe">Starts the other process of <see cref="CoherenceProbe"/>, which gets its lines on standard input.</param>
internal sealed record DoctorRequest(IReadOnlyList<DoctorDatabase> Databases, string? Repository, string? State, Func<string, System.Diagnostics.Process> StartProbe);
