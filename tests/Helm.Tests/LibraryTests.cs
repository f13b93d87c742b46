using BackupSidecar.Helm.Tests.Manifests;
using k8s.Models;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>The library in a chart of somebody's own.</summary>
public sealed class LibraryTests
{
    [Theory]
    [InlineData("1.34.0")]
    [InlineData("1.27.0")]
    public async Task The_lines_to_copy_make_a_whole_pod(string kubeVersion)
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        var chart = await OwnChart.BuildAsync(scratch, ct);

        var manifests = Manifest.Load(await chart.RenderAsync("{}", kubeVersion, ct));

        var set = manifests.OfType<V1StatefulSet>().Single();
        var pod = set.Spec.Template.Spec;
        Assert.Single(pod.Containers.Concat(pod.InitContainers), static container => container.Name == "backup-sidecar");
        Assert.Equal(["data", "backups"], set.Spec.VolumeClaimTemplates.Select(static claim => claim.Metadata.Name));
        Assert.Equal("notes-ledger-sidecar-config", pod.Volumes.Single(static volume => volume.ConfigMap is not null).ConfigMap.Name);
        Assert.Contains(manifests.OfType<V1ConfigMap>(), static map => map.Metadata.Name == "notes-ledger-sidecar-config");
        Assert.Contains("\"instance\": \"notes-ledger\"", Manifest.ConfigurationOf(manifests), StringComparison.Ordinal);
        Assert.Equal(set.Spec.Template.Metadata.Labels, manifests.OfType<V1Service>().Single().Spec.Selector);
    }

    [Fact]
    public void The_lines_of_the_README_are_those_that_are_tested()
    {
        var readme = File.ReadAllText(Path.Combine(Chart.Library.Folder, "README.md"));
        var tested = string.Concat(Directory.GetFiles(OwnChart.Folder, "*.yaml", SearchOption.AllDirectories).Select(File.ReadAllText)).Split('\n').Select(static line => line.Trim()).ToHashSet();
        var blocks = readme.Split("```yaml\n")[1..].Select(static block => block.Split("```")[0]).ToList();

        Assert.Equal(4, blocks.Count);
        Assert.All(blocks.SelectMany(static block => block.Split('\n')), line => Assert.Contains(line.Trim(), tested));
    }

    [Fact]
    public async Task Another_alias_is_told_what_is_missing()
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        var chart = await OwnChart.BuildAsync(scratch, ct);
        _ = scratch.Write("helm/examples/own-chart/Chart.yaml", File.ReadAllText(Path.Combine(OwnChart.Folder, "Chart.yaml")).Replace("alias: backupSidecar", "alias: sidecar", StringComparison.Ordinal));
        _ = scratch.Write("helm/examples/own-chart/values.yaml", "image: a");

        var run = await chart.TemplateAsync("{}", "1.34.0", ct);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("The library backup-sidecar-lib needs the alias backupSidecar", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_values_of_the_library_are_strict_in_any_chart()
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        var chart = await OwnChart.BuildAsync(scratch, ct);

        var run = await chart.TemplateAsync("backupSidecar: { sorces: [] }", "1.34.0", ct);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("Additional property sorces is not allowed", run.Error, StringComparison.Ordinal);
    }
}
