namespace BackupSidecar.Tests.Architecture;

/// <summary>One place that breaks a rule, as an editor can open it.</summary>
internal sealed record Violation(string File, int Line, string What)
{
    public override string ToString() => $"{File}:{Line} {What}";
}
