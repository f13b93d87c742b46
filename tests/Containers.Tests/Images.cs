using System.Runtime.CompilerServices;

namespace BackupSidecar.Containers;

/// <summary>The images under test, built by the Dockerfiles as they stand in the repository, on bases of Debian packages and with programs that were built before.</summary>
internal static class Images
{
    public const string ProgramSetting = "BACKUPSIDECAR_TEST_BINARY";

    /// <summary>Of all images that are built here, so that nobody's own are replaced.</summary>
    public const string Tag = "under-test";

    public const string Sidecar = "backup-sidecar:" + Tag;
    public const string Notes = "backup-sidecar-notes:" + Tag;
    public const string Drive = "backup-sidecar-drive-emulator:" + Tag;
    public const string Tools = "backup-sidecar-test/tools:1";

    public static readonly Lazy<Task> Made = new(() => MakeAsync(CancellationToken.None));

    public static string Repository { get; } = FindRepository();

    /// <summary>The published program; null: there is none.</summary>
    public static string? Program => Environment.GetEnvironmentVariable(ProgramSetting) is { } path && File.Exists(path) ? Path.GetFullPath(path) : null;

    private static async Task MakeAsync(CancellationToken ct)
    {
        foreach (var name in (string[])["base", "aspnet", "tools"])
        {
            _ = await Docker.ProgramAsync("bash", ["tests/Containers.Tests/images/make.sh", name], ct);
        }

        var program = Published("program");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Program!)!).Where(file => file == Program || Path.GetExtension(file) is ".so" or ".json"))
        {
            File.Copy(file, Path.Join(program, Path.GetFileName(file)), overwrite: true);
        }

        await BuildAsync(Sidecar, "Dockerfile", "base", "program", ct);
        await PublishAsync("samples/Notes", "notes", ct);
        await BuildAsync(Notes, "samples/Notes/Dockerfile", "aspnet", "notes", ct);
        await PublishAsync("tests/DriveEmulator", "drive-emulator", ct);
        await BuildAsync(Drive, "tests/DriveEmulator/Dockerfile", "aspnet", "drive-emulator", ct);
    }

    private static Task<string> BuildAsync(string image, string dockerfile, string baseImage, string published, CancellationToken ct) => Docker.RunAsync(
        [
            "build", "--quiet", "--tag", image, "--file", dockerfile,
            "--build-arg", $"SDK_IMAGE={Tools}", "--build-arg", $"BASE_IMAGE=backup-sidecar-test/{baseImage}:1", "--build-arg", $"PUBLISHED=artifacts/images/{published}", ".",
        ],
        ct);

    private static Task<string> PublishAsync(string project, string name, CancellationToken ct) =>
        Docker.ProgramAsync("dotnet", ["publish", project, "-c", "Release", "--no-restore", "-v", "quiet", "-o", Published(name)], ct);

    /// <summary>Within the context of the Dockerfiles, which see nothing else.</summary>
    private static string Published(string name)
    {
        var directory = Path.Join(Repository, "artifacts", "images", name);
        _ = Directory.CreateDirectory(directory);
        return directory;
    }

    private static string FindRepository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Join(Path.GetDirectoryName(file), "..", ".."));
}
