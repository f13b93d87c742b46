using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>A chart, and what Helm makes of it with given values.</summary>
/// <param name="Folder">Of the chart.</param>
internal sealed record Chart(string Folder)
{
    public const string Release = "notes";
    public const string Namespace = "apps";

    public static Chart Application { get; } = new(Solution.PathOf("helm", "backup-sidecar"));

    public static Chart Library { get; } = new(Solution.PathOf("helm", "backup-sidecar-lib"));

    /// <summary>What Helm renders.</summary>
    public async Task<string> RenderAsync(string values, string kubeVersion, CancellationToken ct)
    {
        var run = await TemplateAsync(values, kubeVersion, ct);
        Assert.True(run.ExitCode == 0, $"helm template for Kubernetes {kubeVersion} with the values\n{values}\nended with {run.ExitCode}: {run.Error}");
        return run.Output;
    }

    /// <summary>Helm's run, whatever it ends with.</summary>
    /// <param name="values">YAML.</param>
    /// <param name="kubeVersion">Of the cluster that is rendered for.</param>
    /// <param name="ct">Ends it.</param>
    public Task<ProgramRun> TemplateAsync(string values, string kubeVersion, CancellationToken ct) => HelmAsync("template", values, ["--namespace", Namespace, "--kube-version", kubeVersion], Release, ct);

    public Task<ProgramRun> LintAsync(string values, CancellationToken ct) => HelmAsync("lint", values, ["--strict"], release: null, ct);

    private async Task<ProgramRun> HelmAsync(string command, string values, string[] options, string? release, CancellationToken ct)
    {
        using var scratch = new ScratchFolder();
        var file = scratch.Write("values.yaml", values);
        return await RunAsync([command, .. release is null ? Array.Empty<string>() : [release], Folder, "--values", file, .. options], scratch, ct);
    }

    /// <summary>Helm with nothing of this machine's own: no repositories, no plugins, no cluster.</summary>
    public static Task<ProgramRun> RunAsync(IReadOnlyList<string> arguments, ScratchFolder scratch, CancellationToken ct) => ProgramRun.OfAsync(
        Tools.Helm,
        arguments,
        scratch.Path,
        new Dictionary<string, string> { ["HOME"] = scratch.Path, ["HELM_CACHE_HOME"] = scratch.Path, ["HELM_CONFIG_HOME"] = scratch.Path, ["HELM_DATA_HOME"] = scratch.Path, ["KUBECONFIG"] = scratch.PathOf("none") },
        ct);
}
