namespace BackupSidecar.Cli.Documents;

/// <summary>A repository of a configuration.</summary>
/// <param name="Name">"local", or as it is configured.</param>
/// <param name="Repository">Where it is.</param>
/// <param name="RepositoryId">Null: it cannot be read.</param>
/// <param name="Sources">Their names.</param>
/// <param name="Problem">Why it cannot be read; null: it can.</param>
/// <param name="Hint">What to do.</param>
internal sealed record ListedRepository(string Name, string Repository, string? RepositoryId, IReadOnlyList<string> Sources, string? Problem, string? Hint);
