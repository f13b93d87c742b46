using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>The SQLite library in this process: loaded once, and asserted to be one whose reading procedures are proved.</summary>
internal static class SqliteRuntime
{
    /// <summary>SQLite 3.53.4. Older libraries differ in read-mark handling; newer ones are proved when the version is raised.</summary>
    public const int VersionNumber = 3_053_004;

    private static readonly Lazy<bool> Loaded = new(Load);

    /// <exception cref="OperatorException">Another library was loaded in place of ours.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    private static bool Load()
    {
        Batteries_V2.Init();
        var version = raw.sqlite3_libversion_number();
        if (version != VersionNumber || raw.sqlite3_compileoption_used("ENABLE_SNAPSHOT") == 0 || raw.sqlite3_threadsafe() == 0)
        {
            throw new OperatorException(
                FailureKind.UnsafeEnvironment,
                $"The SQLite library that was loaded is version {version}; this program is proved with {VersionNumber}, built thread-safe and with ENABLE_SNAPSHOT.",
                "Keep the libe_sqlite3.so that came with this program beside its executable.");
        }

        return true;
    }
}
