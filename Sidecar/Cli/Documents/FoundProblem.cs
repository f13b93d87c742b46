namespace BackupSidecar.Cli.Documents;

/// <summary>One finding of a verification.</summary>
/// <param name="Object">What it is about.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Hint">What to do.</param>
/// <param name="Kind"><c>note</c>, <c>not-checked</c> or <c>damage</c>.</param>
/// <param name="Fatal">Whether it keeps the verification from proving what it was asked to.</param>
internal sealed record FoundProblem(string Object, string Problem, string Hint, string Kind, bool Fatal);
