using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using Xunit;

namespace BackupSidecar.Tests.Api;

/// <summary>docs/status.md and the program say the same of every field, and the document stays small.</summary>
public sealed class StatusDocumentTests
{
    private const int SourceBytesMax = 145_000;
    private const int OtherBytesMax = 400_000;

    [Fact]
    public void Every_field_has_its_row_with_its_type_and_no_row_is_left_over()
    {
        var rows = File.ReadAllLines(DocumentPath())
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2]);
        var document = JsonSerializer.SerializeToNode(new StatusSummary(SampleStatus.Full("text"), ExitCode: 0), CliJson.Default.StatusSummary)!;

        Assert.Equal(Fields(document, "").Order(), rows.Select(row => (row.Key, row.Value)).Order());
    }

    [Fact]
    public void What_is_not_known_is_null_and_not_missing()
    {
        var blank = SampleStatus.Full("text") with { Sources = [new SourceStatus { Name = "a", Path = "/a", State = SourceState.Starting }] };
        var source = JsonSerializer.SerializeToNode(new StatusSummary(blank, ExitCode: 0), CliJson.Default.StatusSummary)!["serve"]!["sources"]![0]!.AsObject();
        var full = JsonSerializer.SerializeToNode(new StatusSummary(SampleStatus.Full("text"), ExitCode: 0), CliJson.Default.StatusSummary)!["serve"]!["sources"]![0]!.AsObject();
        Assert.Equal(full.Select(field => field.Key), source.Select(field => field.Key));
        Assert.True(source.ContainsKey("trouble"));
        Assert.Null(source["trouble"]);
    }

    [Fact]
    public void A_hundred_sources_with_endless_texts_stay_small()
    {
        var endless = new string('ä', 100_000);
        var one = SampleStatus.Full(endless);
        var source = one.Sources[0] with
        {
            Name = "a",
            Path = "/a",
            Timeline = null,
            JournalMode = null,
            AppSqliteVersion = null,
            WalPins = [],
            Remotes = [.. Enumerable.Repeat(one.Sources[0].Remotes[0] with { Name = "a", Timeline = null, Account = WithAllRequests(one.Sources[0].Remotes[0].Account!) }, RemotesReader.RemotesMax)],
            Restore = null,
            NextRuns = [],
            Runs = one.Sources[0].Runs with { LastProved = null },
            Protection = one.Protection with { Reasons = [.. Enumerable.Repeat(endless, 4)] },
            Refusals = [.. Enumerable.Repeat(one.Sources[0].Refusals[0], 5)],
        };
        var status = StatusBounds.Bound(one with { Version = "1", Repository = "/r", Disks = [], Sources = [.. Enumerable.Repeat(source, 100)], Problems = [.. Enumerable.Repeat(endless, 10_000)] });

        var bytes = JsonSerializer.SerializeToUtf8Bytes(new StatusSummary(status, ExitCode: 0), CliJson.Default.StatusSummary);

        Assert.InRange(bytes.Length, 1, (100 * SourceBytesMax) + OtherBytesMax);
        Assert.Equal("9950 more; the log names each", status.Problems[^1]);
        Assert.EndsWith("…", status.Sources[0].Trouble!.Message, StringComparison.Ordinal);
    }

    /// <summary>Four kinds, four results.</summary>
    private static RemoteAccount WithAllRequests(RemoteAccount account) => account with { Requests = [.. Enumerable.Repeat(new RequestCount("download", "refused", long.MaxValue), 16)] };

    /// <summary>The fields of a document, with the type that each value has.</summary>
    private static IEnumerable<(string Field, string Type)> Fields(JsonNode? node, string path) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Fields(field.Value, path.Length == 0 ? field.Key : $"{path}.{field.Key}")),
        JsonArray items => Fields(items[0], $"{path}[]"),
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => [(path, "flag")],
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => [(path, "number")],
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [(path, DateTimeOffset.TryParse((string?)value, out _) ? "time" : "text")],
        _ => throw new InvalidOperationException($"{path} has no value in the example."),
    };

    private static string DocumentPath([CallerFilePath] string here = "") => Path.GetFullPath(Path.Join(Path.GetDirectoryName(here), "../../../docs/status.md"));
}
