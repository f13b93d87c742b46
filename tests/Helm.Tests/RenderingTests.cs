using BackupSidecar.Helm.Tests.Manifests;
using k8s.Models;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>Every combination of values and versions renders to what Kubernetes takes.</summary>
public sealed class RenderingTests
{
    [Theory]
    [MemberData(nameof(Variants.All), MemberType = typeof(Variants))]
    public async Task Every_manifest_loads_strictly_and_has_a_place_of_its_own(string variant, string kubeVersion)
    {
        Tools.NeedHelm();

        var manifests = Manifest.Load(await Chart.Application.RenderAsync(Variants.Values[variant], kubeVersion, TestContext.Current.CancellationToken));

        Assert.NotEmpty(manifests);
        var names = manifests.Select(manifest => $"{manifest.Kind} {manifest.Metadata.NamespaceProperty} {manifest.Metadata.Name}").ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.All(manifests, manifest => Assert.True(manifest.Metadata.Name.Length is > 0 and <= 63, manifest.Metadata.Name));
        Assert.DoesNotContain(manifests, manifest => manifest is V1Secret);
    }

    [Fact]
    public async Task The_schemas_of_Kubernetes_and_of_the_Prometheus_operator_find_no_mistake()
    {
        Tools.NeedHelm();
        Tools.NeedNode();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        var files = new List<string>();
        foreach (var (name, values) in Variants.Values)
        {
            foreach (var version in (string[])["1.28.15", "1.34.0"])
            {
                files.Add(scratch.Write($"{name} {version}.yaml", await Chart.Application.RenderAsync(values, version, ct)));
            }
        }

        files.Add(scratch.Write("sleep.yaml", await Chart.Application.RenderAsync(Variants.Sleep, "1.34.0", ct)));

        var validation = await ValidateAsync(files, scratch, ct);

        Assert.Equal("", validation);
    }

    [Fact]
    public async Task The_same_schemas_find_a_mistake_that_is_there()
    {
        Tools.NeedHelm();
        Tools.NeedNode();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        var rendered = await Chart.Application.RenderAsync(Variants.Values["monitoring"], "1.34.0", ct);
        var broken = rendered.Replace("pullPolicy: IfNotPresent", "pullPolicy: Sometimes", StringComparison.Ordinal).Replace("imagePullPolicy: IfNotPresent", "imagePullPolicy: Sometimes", StringComparison.Ordinal)
            .Replace("      path: /metrics", "      path: 5", StringComparison.Ordinal);

        var validation = await ValidateAsync([scratch.Write("broken.yaml", broken)], scratch, ct);

        Assert.Contains("imagePullPolicy must be equal to one of the allowed values", validation, StringComparison.Ordinal);
        Assert.Contains("ServiceMonitor", validation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_nobody_knows_does_not_load()
    {
        Tools.NeedHelm();
        var ct = TestContext.Current.CancellationToken;
        var rendered = await Chart.Application.RenderAsync(Variants.Values["monitoring"], "1.34.0", ct);

        Assert.ThrowsAny<Exception>(() => Manifest.Load(rendered.Replace("restartPolicy: Always", "restartPolcy: Always", StringComparison.Ordinal)));
        Assert.ThrowsAny<Exception>(() => Manifest.Load(rendered.Replace("scrapeTimeout:", "scrapeTimout:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("least")]
    [InlineData("notes")]
    [InlineData("everything else")]
    public async Task Lint_has_nothing_to_say(string variant)
    {
        Tools.NeedHelm();

        var run = await Chart.Application.LintAsync(Variants.Values[variant], TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.DoesNotContain("[WARNING]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_has_nothing_to_say_of_the_library()
    {
        Tools.NeedHelm();

        var run = await Chart.Library.LintAsync("{}", TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    [Fact]
    public async Task The_chart_is_packaged_with_its_library()
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;

        var package = await Chart.RunAsync(["package", Chart.Application.Folder, "--destination", scratch.Path], scratch, ct);

        Assert.True(package.ExitCode == 0, package.Error);
        var archive = Assert.Single(Directory.GetFiles(scratch.Path, "*.tgz"));
        Assert.Equal(
            await Chart.Application.RenderAsync(Variants.Least, "1.34.0", ct),
            await new Chart(archive).RenderAsync(Variants.Least, "1.34.0", ct));
    }

    private static async Task<string> ValidateAsync(IReadOnlyList<string> files, ScratchFolder scratch, CancellationToken ct)
    {
        var run = await ProgramRun.OfAsync("node", [Path.Combine(Tools.NodeFolder, "validate.mjs"), .. files], scratch.Path, new Dictionary<string, string>(), ct);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }
}
