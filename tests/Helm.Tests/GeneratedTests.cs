using System.Xml.Linq;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>What is made of something else is current: schemas, tables of the READMEs, the copy of the library.</summary>
public sealed class GeneratedTests
{
    [Fact]
    public async Task Everything_that_is_generated_is_current()
    {
        Tools.NeedNode();

        var run = await GenerateAsync(Solution.PathOf("helm"), "--check");

        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public async Task A_new_option_of_the_program_is_a_mistake_until_it_is_a_value()
    {
        Tools.NeedNode();
        using var scratch = new ScratchFolder();
        var helm = scratch.Copy(Solution.PathOf("helm"), "helm");
        var documented = File.ReadAllText(Solution.PathOf("docs", "configuration.md"));
        _ = scratch.Write("docs/configuration.md", documented.Replace("| `log.format` |", "| `log.colour` | choice: red or blue | `red` | How lines look. |\n| `log.format` |", StringComparison.Ordinal));

        var forgotten = await GenerateAsync(helm, "--check");
        var made = await GenerateAsync(helm);
        var current = await GenerateAsync(helm, "--check");

        Assert.Equal((1, 0, 0), (forgotten.ExitCode, made.ExitCode, current.ExitCode));
        Assert.Contains("helm/backup-sidecar-lib/values.yaml, helm/backup-sidecar-lib/values.schema.json", forgotten.Error, StringComparison.Ordinal);
        Assert.Contains("Run 'node helm/generate.mjs'", forgotten.Error, StringComparison.Ordinal);
        Assert.Contains("  # -- How lines look.\n  colour: red\n", File.ReadAllText(Path.Combine(helm, "backup-sidecar-lib", "values.yaml")), StringComparison.Ordinal);
        Assert.Contains("`backupSidecar.log.colour`", File.ReadAllText(Path.Combine(helm, "backup-sidecar", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_without_a_word_of_explanation_is_a_mistake()
    {
        Tools.NeedNode();
        using var scratch = new ScratchFolder();
        var helm = scratch.Copy(Solution.PathOf("helm"), "helm");
        _ = scratch.Write("docs/configuration.md", File.ReadAllText(Solution.PathOf("docs", "configuration.md")));
        File.AppendAllText(Path.Combine(helm, "backup-sidecar", "values.yaml"), "\nsilent: true\n");

        var run = await GenerateAsync(helm, "--check");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("silent has no comment that begins with '# -- '", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_and_image_have_the_version_of_the_program()
    {
        var version = XDocument.Load(Solution.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

        foreach (var chart in (Chart[])[Chart.Application, Chart.Library])
        {
            var text = File.ReadAllText(Path.Combine(chart.Folder, "Chart.yaml"));
            Assert.Contains($"\nversion: {version}\nappVersion: {version}\n", text, StringComparison.Ordinal);
        }

        Assert.Contains($"\n    version: {version}\n", File.ReadAllText(Path.Combine(Chart.Application.Folder, "Chart.yaml")), StringComparison.Ordinal);
        Assert.Contains($"\n  tag: \"{version}\"\n", File.ReadAllText(Path.Combine(Chart.Library.Folder, "values.yaml")), StringComparison.Ordinal);
    }

    private static Task<ProgramRun> GenerateAsync(string helm, params string[] options) =>
        ProgramRun.OfAsync("node", [Path.Combine(helm, "generate.mjs"), .. options], helm, new Dictionary<string, string>(), TestContext.Current.CancellationToken);
}
