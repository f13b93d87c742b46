namespace BackupSidecar.Hosting.Configuration;

/// <summary>A key of the configuration, as the reader declares it: what the documentation and the schema are held against.</summary>
/// <param name="Key">The whole key, items of a list as <c>[]</c>: <c>sources[].interval</c>.</param>
/// <param name="Type">"text", "number", "flag", "duration", "choice" or "list of text".</param>
/// <param name="Allowed">What values can be, in words.</param>
/// <param name="Default">As it would be written; null if there is none.</param>
/// <param name="Effect">One sentence.</param>
internal sealed record OptionDescription(string Key, string Type, string Allowed, string? Default, string Effect);
