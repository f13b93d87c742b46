namespace BackupSidecar.EndToEnd;

/// <summary>The program under test: the published one that a variable names, or else the one that the build put beside these tests.</summary>
internal sealed class SidecarBinary
{
    public const string Setting = "BACKUPSIDECAR_TEST_BINARY";

    private SidecarBinary(string path, bool isPublished)
    {
        Path = path;
        IsPublished = isPublished;
    }

    public static SidecarBinary Current { get; } = Find();

    public string Path { get; }

    /// <summary>True for the native program, false for the one that the runtime compiles as it goes.</summary>
    public bool IsPublished { get; }

    /// <summary>Runs to the end, with no standard input.</summary>
    public static async Task<SidecarResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        await using var process = SidecarProcess.Start(Current, arguments);
        return await process.WaitForExitAsync(ct);
    }

    private static SidecarBinary Find()
    {
        var named = Environment.GetEnvironmentVariable(Setting) ?? "";
        var path = named.Length > 0 ? System.IO.Path.GetFullPath(named) : System.IO.Path.Combine(AppContext.BaseDirectory, "backup-sidecar");
        return File.Exists(path) ? new SidecarBinary(path, named.Length > 0) : throw new FileNotFoundException($"There is no program to test at {path} ({Setting} is '{named}').");
    }
}
