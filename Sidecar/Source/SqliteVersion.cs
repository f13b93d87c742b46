using System.Globalization;

namespace BackupSidecar.Source;

/// <summary>Version numbers of SQLite: 3053004 is 3.53.4.</summary>
internal static class SqliteVersion
{
    private const uint FirstWithLog = 3_007_000;

    public static string Text(long number) => string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000}.{number / 1000 % 1000}.{number % 1000}");

    /// <summary>Reads three numbers with points, such as 3.53.4, of a version that has write-ahead logs.</summary>
    public static bool TryParse(string text, out uint number)
    {
        number = 0;
        var parts = text.Split('.');
        if (parts.Length != 3
            || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major != 3
            || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor) || minor > 999
            || !uint.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var patch) || patch > 999)
        {
            return false;
        }

        number = (major * 1_000_000) + (minor * 1000) + patch;
        return number >= FirstWithLog;
    }

    /// <summary>Versions that can lose commits when two processes checkpoint: 3.7.0 to 3.51.2, but for 3.44.6 and 3.50.7, which have the repair.</summary>
    public static bool HasCheckpointBug(long number) => number switch
    {
        < FirstWithLog => false,
        >= 3_051_003 => false,
        >= 3_050_007 and < 3_051_000 => false,
        >= 3_044_006 and < 3_045_000 => false,
        _ => true,
    };
}
