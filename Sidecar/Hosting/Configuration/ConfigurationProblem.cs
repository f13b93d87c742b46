namespace BackupSidecar.Hosting.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Origin">The file and line, the variable or the option.</param>
/// <param name="Key">The whole key, such as <c>sources[0].interval</c>; empty if it is no key's.</param>
/// <param name="Text">What is wrong, and what is allowed.</param>
internal sealed record ConfigurationProblem(string Origin, string Key, string Text)
{
    public override string ToString() => Key.Length == 0 ? $"{Origin}: {Text}" : $"{Origin}: {Key}: {Text}";
}
