using System.Text.RegularExpressions;

namespace BackupSidecar.Benchmarks;

/// <summary>What a reader must know about the machine to judge the figures.</summary>
internal static partial class Machine
{
    private static readonly (string Peer, string VersionArgument)[] Peers = [("cp", "--version"), ("zstd", "--version"), ("sqlite3", "--version"), ("restic", "version")];

    public static async Task<IReadOnlyList<string>> DescribeAsync(Tool tool, string binary, string scratch, CancellationToken ct)
    {
        var processor = ValueOf("/proc/cpuinfo", "model name");
        var memory = ValueOf("/proc/meminfo", "MemTotal");
        var kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", ct)).Trim();
        var fileSystem = (await tool.RunAsync("stat", ["-f", "-c", "%T", scratch], ct)).Output.Trim();
        var versions = new List<string> { $"backup-sidecar {(await tool.RunAsync(binary, ["--version"], ct)).Output.Trim()}" };
        foreach (var (peer, argument) in Peers)
        {
            if (await tool.FirstLineAsync(peer, argument, ct) is { } line)
            {
                versions.Add($"{peer} {VersionNumber().Match(line).Value}");
            }
        }

        return
        [
            $"{Environment.ProcessorCount} cores ({processor}), {memory} of memory, Linux {kernel}, {fileSystem}",
            string.Join(" · ", versions),
        ];
    }

    private static string ValueOf(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionNumber();
}
