using BackupSidecar.Helm.Tests.Manifests;
using k8s.Models;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>What an installation says at its end, which Helm renders only where there is a cluster: so here as a file of the chart, in a ConfigMap.</summary>
public sealed class NotesTests
{
    [Fact]
    public async Task A_pod_without_a_second_repository_a_drill_and_an_alert_is_told_so()
    {
        var notes = await NotesAsync(Variants.Least, "1.34.0");

        Assert.Contains("native, gate: startupProbe", notes, StringComparison.Ordinal);
        Assert.Contains("kubectl -n apps exec statefulset/notes-backup-sidecar -c backup-sidecar -- /app/backup-sidecar status", notes, StringComparison.Ordinal);
        Assert.Contains("kubectl -n apps rollout restart statefulset/notes-backup-sidecar", notes, StringComparison.Ordinal);
        Assert.Contains("helm test notes --namespace apps", notes, StringComparison.Ordinal);
        Assert.Contains("A backup on that disk goes with that disk", notes, StringComparison.Ordinal);
        Assert.Contains("Set `drillEvery`", notes, StringComparison.Ordinal);
        Assert.Contains("set `startEmpty: true`", notes, StringComparison.Ordinal);
        Assert.Contains("Nobody is told when backups stand still", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_has_it_all_is_told_nothing_of_that()
    {
        var notes = await NotesAsync(Variants.Values["monitoring"].Replace("drillEvery: 1d", "drillEvery: 1d, startEmpty: true", StringComparison.Ordinal), "1.34.0");

        Assert.DoesNotContain("ATTENTION", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("Set `drillEvery`", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("set `startEmpty: true`", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody is told", notes, StringComparison.Ordinal);
    }

    private static async Task<string> NotesAsync(string values, string kubeVersion)
    {
        Tools.NeedHelm();
        using var scratch = new ScratchFolder();
        var chart = scratch.Copy(Chart.Application.Folder, "chart");
        _ = scratch.Write("chart/notes.tpl", File.ReadAllText(Path.Combine(chart, "templates", "NOTES.txt")));
        _ = scratch.Write("chart/templates/notes-map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: the-notes }\ndata:\n  notes: |\n    {{- tpl (.Files.Get \"notes.tpl\") . | nindent 4 }}\n");
        var manifests = Manifest.Load(await new Chart(chart).RenderAsync(values, kubeVersion, TestContext.Current.CancellationToken));
        return manifests.OfType<V1ConfigMap>().Single(static map => map.Metadata.Name == "the-notes").Data["notes"];
    }
}
