using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackupSidecar.Helm.Tests.Manifests;
using k8s;
using k8s.Models;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>Alerts fire when they must and not otherwise, ask for metrics that there are, and each has a page that says what to do.</summary>
public sealed partial class AlertTests
{
    private static readonly string Runbooks = Solution.PathOf("docs", "runbooks");

    [Fact]
    public async Task Somebody_is_told_when_it_is_time_and_only_then()
    {
        Tools.NeedPromtool();
        using var scratch = new ScratchFolder();
        var rules = await RuleAsync();
        _ = scratch.Write("rules.yaml", KubernetesYaml.Serialize(new { groups = rules.Spec.Groups }));
        var tests = scratch.Write("alerts.test.yaml", File.ReadAllText(Solution.PathOf("tests", "Helm.Tests", "Alerts", "alerts.test.yaml")));

        var check = await RunAsync(scratch, "check", "rules", "rules.yaml");
        var run = await RunAsync(scratch, "test", "rules", tests);

        Assert.True(check.ExitCode == 0, check.Output + check.Error);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    [Fact]
    public async Task Every_alert_has_its_page_and_every_page_its_alert()
    {
        var alerts = (await RuleAsync()).Spec.Groups.SelectMany(static group => group.Rules).ToList();

        Assert.Equal(
            Directory.GetFiles(Runbooks, "BackupSidecar*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            alerts.Select(static alert => alert.Alert).Order(StringComparer.Ordinal));
        foreach (var alert in alerts)
        {
            Assert.Equal($"docs/runbooks/{alert.Alert}.md", alert.Annotations["runbook_url"]);
            var page = File.ReadAllText(Path.Combine(Runbooks, $"{alert.Alert}.md"));
            Assert.StartsWith($"# {alert.Alert}\n", page, StringComparison.Ordinal);
            Assert.Equal(["What it means", "What is at stake", "Look", "Mend"], Heading().Matches(page).Select(static heading => heading.Groups[1].Value));
            Assert.Contains($"({alert.Alert}.md)", File.ReadAllText(Path.Combine(Runbooks, "README.md")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Alerts_and_dashboard_ask_for_metrics_that_there_are()
    {
        var manifests = await ManifestsAsync();
        var dashboard = manifests.OfType<V1ConfigMap>().Single(static map => map.Metadata.Name.EndsWith("-dashboard", StringComparison.Ordinal)).Data.Single();
        var asked = manifests.OfType<PrometheusRule>().Single().Spec.Groups.SelectMany(static group => group.Rules).Select(static rule => rule.Expr)
            .Append(dashboard.Value).SelectMany(static text => MetricName().Matches(text).Select(static match => match.Value)).Distinct().ToList();
        var known = KnownMetrics().ToHashSet();

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains(name, known));
        Assert.EndsWith(".json", dashboard.Key, StringComparison.Ordinal);
        var panels = JsonNode.Parse(dashboard.Value)!["panels"]!.AsArray();
        Assert.Equal(panels.Count, panels.Select(static panel => (int)panel!["id"]!).Distinct().Count());
    }

    [Fact]
    public void Runbooks_name_commands_that_there_are()
    {
        var commands = File.ReadAllText(Solution.PathOf("Sidecar", "Cli", "CommandLine.cs")) + string.Concat(Directory.GetFiles(Solution.PathOf("Sidecar", "Cli"), "*Command.cs").Select(File.ReadAllText));

        foreach (var page in Directory.GetFiles(Runbooks, "*.md").Append(Path.Combine(Chart.Application.Folder, "templates", "NOTES.txt")))
        {
            foreach (Match command in CommandName().Matches(File.ReadAllText(page)))
            {
                Assert.Contains($"\"{command.Groups[1].Value}\"", commands, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Names as Prometheus has them, from where they are made: the unit stands behind the name, and _total behind what is counted.</summary>
    private static IEnumerable<string> KnownMetrics()
    {
        foreach (Match metric in MadeMetric().Matches(File.ReadAllText(Solution.PathOf("Sidecar", "Hosting", "Service", "ServeMetrics.cs"))))
        {
            var unit = metric.Groups["unit"].Value switch { "\"s\"" => "_seconds", "\"By\"" => "_bytes", _ => "" };
            yield return $"{metric.Groups["name"].Value.Replace('.', '_')}{unit}{(metric.Groups["make"].Value.Contains("Counter", StringComparison.Ordinal) ? "_total" : "")}";
        }
    }

    private static async Task<PrometheusRule> RuleAsync() => (await ManifestsAsync()).OfType<PrometheusRule>().Single();

    private static async Task<IReadOnlyList<object>> ManifestsAsync()
    {
        Tools.NeedHelm();
        return Manifest.Load(await Chart.Application.RenderAsync(Variants.Values["monitoring"], "1.34.0", TestContext.Current.CancellationToken));
    }

    private static Task<ProgramRun> RunAsync(ScratchFolder scratch, params string[] arguments) =>
        ProgramRun.OfAsync("promtool", arguments, scratch.Path, new Dictionary<string, string>(), TestContext.Current.CancellationToken);

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("backupsidecar_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("""(?<make>\w+)\(\s*"(?<name>backupsidecar\.[a-z_.]+)",.*?(?<unit>"s"|"By"|"\{\w+\}"|null(?=, "))""", RegexOptions.Singleline)]
    private static partial Regex MadeMetric();

    [GeneratedRegex(@"(?:(?:/app/|`)backup-sidecar|\$exec \}\}) ([a-z][a-z-]+)")]
    private static partial Regex CommandName();
}
