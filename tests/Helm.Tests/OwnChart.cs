using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>helm/examples/own-chart, with its dependency built as the README of the library says.</summary>
internal static class OwnChart
{
    public static string Folder { get; } = Solution.PathOf("helm", "examples", "own-chart");

    public static async Task<Chart> BuildAsync(ScratchFolder scratch, CancellationToken ct)
    {
        _ = scratch.Copy(Chart.Library.Folder, Path.Combine("helm", "backup-sidecar-lib"));
        var chart = scratch.Copy(Folder, Path.Combine("helm", "examples", "own-chart"));
        var build = await Chart.RunAsync(["dependency", "build", chart], scratch, ct);
        Assert.True(build.ExitCode == 0, build.Error);
        return new Chart(chart);
    }
}
