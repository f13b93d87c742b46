namespace BackupSidecar.Hosting.Doctor;

/// <summary>Version numbers of SQLite: 3053004 is 3.53.4.</summary>
internal static class SqliteVersion
{
    public static string Text(long number) => $"{number / 1_000_000}.{number / 1000 % 1000}.{number % 1000}";

    /// <summary>Versions that can lose commits when two processes checkpoint: 3.7.0 to 3.51.2, but for 3.44.6 and 3.50.7, which have the repair.</summary>
    public static bool HasCheckpointBug(long number) => number switch
    {
        < 3_007_000 => false,
        >= 3_051_003 => false,
        >= 3_050_007 and < 3_051_000 => false,
        >= 3_044_006 and < 3_045_000 => false,
        _ => true,
    };
}
