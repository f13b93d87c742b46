using System.Text.Json.Nodes;
using BackupSidecar.Cli;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Cli.Output;

public sealed class JsonOutputTests
{
    private readonly CommandLineBench _bench = new();

    [Fact]
    public async Task Progress_comes_at_most_once_a_second()
    {
        var output = new JsonOutput(_bench.Surroundings);

        _ = await output.TrackAsync(progress =>
        {
            for (var i = 0; i <= 2500; i++)
            {
                progress.Report(new ProgressReport("read", i, 2500));
                _bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            }

            return ValueTask.FromResult(0);
        });

        var lines = _bench.OutLines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([0, 1000, 2000], lines.Select(line => (long)line["doneBytes"]!));
        Assert.All(lines, line => Assert.Equal("progress", (string?)line["type"]));
    }

    [Fact]
    public void Nothing_follows_the_last_line()
    {
        var output = new JsonOutput(_bench.Surroundings);

        output.Fail(Failure.Interrupted);
        output.Report(new ProgressReport("read", 1, 2));
        output.Warn("too late");

        Assert.Equal(130, (int?)JsonNode.Parse(Assert.Single(_bench.OutLines))!["exitCode"]);
    }

    [Fact]
    public void A_line_stays_one_line_whatever_is_in_it()
    {
        var output = new JsonOutput(_bench.Surroundings);

        output.Doubt(new OperatorException(FailureKind.Failed, "a\nb\u2028\"ü", "h"));

        var line = Assert.Single(_bench.OutLines);
        Assert.True(line.All(char.IsAscii));
        Assert.Equal("a\nb\u2028\"ü", (string?)JsonNode.Parse(line)!["message"]);
    }

    [Fact]
    public void Times_are_in_UTC_and_names_in_camel_case()
    {
        var output = new JsonOutput(_bench.Surroundings);
        var backup = new ListedBackup
        {
            BackupId = "b",
            CreatedAt = new DateTimeOffset(2026, 3, 1, 13, 0, 0, TimeSpan.FromHours(1)),
            Position = 1,
            Timeline = "t",
            Restorable = true,
            Changed = true,
            Full = true,
            DatabaseBytes = 1,
            StoredBytes = 1,
            Database = "d",
            Host = "h",
            Pinned = false,
            DeletedAt = null,
            Labels = [],
        };

        output.Summarize(new ListSummary("r", "i", [new ListedSource("s", "i", [backup], 1, 0, null, null, [], [], 1, 1)], 0), CliJson.Default.ListSummary, _ => { });

        Assert.StartsWith("{\"type\":\"summary\",\"command\":\"list\",", _bench.OutLines[0], StringComparison.Ordinal);
        Assert.Contains("\"createdAt\":\"2026-03-01T12:00:00.000000Z\"", _bench.OutLines[0], StringComparison.Ordinal);
    }
}
