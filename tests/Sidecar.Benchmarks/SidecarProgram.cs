using System.Runtime.InteropServices;
using System.Text.Json;

namespace BackupSidecar.Benchmarks;

/// <summary>The published program and the commands that are measured.</summary>
internal sealed class SidecarProgram(string path, Tool tool, Scratch scratch)
{
    public string Path { get; } = path;

    /// <summary>The given program, or this solution's, published.</summary>
    public static async Task<string> FindOrPublishAsync(string? path, Tool tool, Scratch scratch, CancellationToken ct)
    {
        if (path is not null)
        {
            return System.IO.Path.GetFullPath(path);
        }

        var solution = SolutionFolder();
        var output = scratch.PathOf("program");
        await tool.RunAsync("dotnet", ["publish", System.IO.Path.Combine(solution, "Sidecar"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier.Contains("arm64", StringComparison.Ordinal) ? "linux-arm64" : "linux-x64", "-o", output], ct);
        return System.IO.Path.Combine(output, "backup-sidecar");
    }

    /// <summary>The folder of the solution that this program was built from.</summary>
    public static string SolutionFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "BackupSidecar.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("There is no solution above this program: name the built programs with --binary and --emulator.");
    }

    /// <param name="repository">A name in the scratch directory; the state stands beside it as <c>NAME-state</c>.</param>
    public Task<ToolRun> BackupAsync(string database, string repository, string compression, bool watchMemory, CancellationToken ct) =>
        tool.RunAsync(
            Path,
            ["backup", "--database", database, "--source", "bench", "--repository", scratch.PathOf(repository), "--state", scratch.PathOf(StateOf(repository)), "--compression", compression, "--json"],
            watchMemory,
            ct);

    public Task<ToolRun> RestoreAsync(string repository, string output, bool sqliteChecks, bool watchMemory, CancellationToken ct) =>
        tool.RunAsync(
            Path,
            ["restore", "--repository", scratch.PathOf(repository), "--output", scratch.PathOf(output), "--json", .. sqliteChecks ? Array.Empty<string>() : ["--no-sqlite-checks"]],
            watchMemory,
            ct);

    public Task<ToolRun> HelpAsync(CancellationToken ct) => tool.RunAsync(Path, ["--help"], ct);

    public void Remove(string repository)
    {
        scratch.Remove(repository);
        scratch.Remove(StateOf(repository));
    }

    /// <summary>The first number of this name in the summary, the last line that <c>--json</c> prints; null if there is none.</summary>
    public static double? NumberIn(ToolRun run, string name)
    {
        var summary = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return summary is null ? null : Find(JsonDocument.Parse(summary).RootElement, name);
    }

    private static string StateOf(string repository) => repository + "-state";

    private static double? Find(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.NameEquals(name) && property.Value.ValueKind == JsonValueKind.Number)
            {
                return property.Value.GetDouble();
            }

            if (Find(property.Value, name) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }
}
