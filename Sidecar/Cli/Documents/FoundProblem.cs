namespace BackupSidecar.Cli.Documents;

/// <summary>One finding of a verification.</summary>
internal sealed record FoundProblem(string Object, string Problem, string Hint, bool Fatal);
