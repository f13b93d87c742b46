using System.Runtime.CompilerServices;
using BackupSidecar.Hosting.Configuration;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Configuration;

/// <summary>docs/configuration.md and the program say the same of every key.</summary>
public sealed class ConfigurationDocumentationTests
{
    [Fact]
    public void Every_key_has_its_row_and_no_row_is_left_over()
    {
        var rows = File.ReadAllLines(DocumentPath()).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();

        Assert.Equal(Described().Select(Row), rows);
    }

    [Fact]
    public void The_example_is_a_configuration_without_problems()
    {
        var example = string.Join('\n', File.ReadAllLines(DocumentPath()).SkipWhile(line => line != "```jsonc").Skip(1).TakeWhile(line => line != "```"));
        var problems = new List<ConfigurationProblem>();
        var reading = new ConfigurationReading();

        _ = OptionsReader.Read(new SectionReader(reading, ConfigurationFile.Parse("example", System.Text.Encoding.UTF8.GetBytes(example), problems), "", isRefused: false));

        Assert.Empty(problems.Concat(reading.Problems));
    }

    private static IReadOnlyList<OptionDescription> Described() =>
        new ConfigurationSources { Databases = ["/d/app.db"], Variables = new Dictionary<string, string> { ["BACKUPSIDECAR__REMOTES__0__NAME"] = "offsite" }, CommandLine = [("repository.path", "/r", "--repository")] }.Load().Described;

    private static string Row(OptionDescription option) =>
        $"| `{option.Key}` | {option.Type}: {option.Allowed} | {(option.Default is null ? "" : $"`{option.Default}`")} | {option.Effect} |";

    private static string DocumentPath([CallerFilePath] string here = "") => Path.GetFullPath(Path.Join(Path.GetDirectoryName(here), "../../../../docs/configuration.md"));
}
