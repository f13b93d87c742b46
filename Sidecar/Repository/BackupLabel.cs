using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What may stand as a label on a backup: 1 to 100 characters without control characters or white space at the ends.</summary>
internal static class BackupLabel
{
    public const int LengthMax = 100;

    /// <summary>Labels of one backup. They are read with its manifest, whose size is bounded.</summary>
    public const int CountMax = 50;

    public static bool IsValid(string label) =>
        label.Length is > 0 and <= LengthMax && label.Trim().Length == label.Length && !label.Any(char.IsControl);

    /// <summary>Returns the label, or says what is wrong with it.</summary>
    public static string Validate(string label) => IsValid(label) ? label : throw new OperatorException(
        FailureKind.Failed,
        "A label is empty, too long, or has control characters or white space at its ends.",
        $"Use 1 to {LengthMax} characters.");
}
