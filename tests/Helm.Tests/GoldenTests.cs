using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>What is rendered, whole, so that a change is seen by whoever reads it.</summary>
/// <remarks>Written anew with BACKUPSIDECAR_WRITE_GOLDEN=1.</remarks>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("notes", "1.34.0")]
    [InlineData("classic", "1.27.0")]
    [InlineData("deployment", "1.34.0")]
    [InlineData("monitoring", "1.34.0")]
    [InlineData("everything else", "1.34.0")]
    public async Task The_chart_renders_what_it_rendered(string variant, string kubeVersion)
    {
        Tools.NeedHelm();

        Hold($"{variant.Replace(' ', '-')}-{kubeVersion}.yaml", await Chart.Application.RenderAsync(Variants.Values[variant], kubeVersion, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("1.34.0")]
    [InlineData("1.28.0")]
    public async Task A_chart_of_ones_own_renders_what_it_rendered(string kubeVersion)
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var chart = await OwnChart.BuildAsync(scratch, TestContext.Current.CancellationToken);

        Hold($"own-chart-{kubeVersion}.yaml", await chart.RenderAsync("{}", kubeVersion, TestContext.Current.CancellationToken));
    }

    private static void Hold(string name, string rendered)
    {
        var path = Solution.PathOf("tests", "Helm.Tests", "Golden", name);
        if (Environment.GetEnvironmentVariable("BACKUPSIDECAR_WRITE_GOLDEN") is { Length: > 0 })
        {
            File.WriteAllText(path, rendered);
        }

        Assert.Equal(File.ReadAllText(path), rendered);
    }
}
