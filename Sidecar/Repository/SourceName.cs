using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What a source may be called: a segment of an object name, at most 64 characters.</summary>
internal static class SourceName
{
    public const int LengthMax = 64;

    public static bool IsValid(string name) => name.Length <= LengthMax && ObjectName.IsSegment(name);

    /// <summary>Returns the name, or says what is wrong with it.</summary>
    public static string Validate(string name) => Validate(name, "a source");

    /// <param name="name">Of something else that has such a name.</param>
    /// <param name="what">What it names, for the message.</param>
    public static string Validate(string name, string what) => IsValid(name) ? name : throw new OperatorException(
        FailureKind.Failed,
        $"'{Shorten(name)}' cannot name {what}.",
        $"Use 1 to {LengthMax} letters, digits, '.', '_' or '-' of ASCII; not '.' or '-' first.");

    /// <summary>The name of a source that was given none: its file's name without extension, what is not allowed replaced by '-'.</summary>
    public static string FromFile(string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        var allowed = string.Concat(stem.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        var trimmed = allowed.TrimStart('.', '-');
        var name = trimmed.Length > LengthMax ? trimmed[..LengthMax] : trimmed;
        return IsValid(name) ? name : throw new OperatorException(
            FailureKind.Failed,
            $"The file name '{Shorten(Path.GetFileName(path))}' gives no name for the source.",
            "Name the source with --source.");
    }

    private static string Shorten(string text) => text.Length > LengthMax ? text[..LengthMax] + "…" : text;
}
