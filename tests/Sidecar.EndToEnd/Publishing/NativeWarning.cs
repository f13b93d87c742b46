using System.Text.RegularExpressions;

namespace BackupSidecar.EndToEnd.Publishing;

/// <summary>A trim or AOT warning of the native compiler, as it stands in a publish log.</summary>
/// <param name="Code">Such as IL2026.</param>
/// <param name="Member">The member that the warning is about, as the compiler writes it: <c>Namespace.Type.Method(String)</c>. Empty if it names none.</param>
internal sealed partial record NativeWarning(string Code, string Member, string Line)
{
    /// <summary>Every warning of a log, each once: MSBuild repeats them in its summary.</summary>
    public static IReadOnlyList<NativeWarning> ReadAll(IEnumerable<string> log) =>
        [.. log.Select(line => line.Trim()).Distinct().Select(TryRead).OfType<NativeWarning>()];

    /// <summary>Reads <c>origin: Trim analysis warning ILnnnn: member: message [project]</c>; null if the line is no warning with an IL code.</summary>
    private static NativeWarning? TryRead(string line)
    {
        var match = Pattern().Match(line);
        return match.Success ? new NativeWarning(match.Groups["code"].Value, match.Groups["member"].Value, line) : null;
    }

    [GeneratedRegex(@"\b(warning|error) (?<code>IL\d{4}): ((?<member>[^\s:'][^:']*): )?")]
    private static partial Regex Pattern();
}
