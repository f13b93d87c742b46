using System.Text.Json.Nodes;
using BackupSidecar.Cli;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>Wrong command lines: one error, one hint, exit code 1, and nothing was touched.</summary>
public sealed class UsageTests
{
    private static readonly string[] Restore = ["restore", "--repository", "/nowhere", "--output", "/nowhere/app.db"];

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "Name a command: backup, list, restore, verify, inspect, serve, status, ensure-durable, backups, restores, lifecycle, run, probe, sources, whoami, install, repository, config, doctor, drive, demo, completion.", [] },
        { "Unrecognized command or argument 'bakcup'. Did you mean 'backup'?", ["bakcup"] },
        { "Unrecognized option '--databse'. Did you mean '--database'?", ["backup", "--databse", "a.db", "--repository", "r"] },
        { "Option '--repository' is required, or --sidecar for a running serve.", ["list"] },
        { "Option '--repository' is required, or --config with --repository-name.", ["inspect", "abcd"] },
        { "--repository and --config exclude each other", ["verify", "--repository", "r", "--config", "c"] },
        { "--config needs --repository-name: 'local', or the name of one of its remotes.", ["verify", "--config", "c"] },
        { "--config needs --repository-name", ["inspect", "--config", "c", "abcd"] },
        { "--repository-name goes with --config only.", ["list", "--repository", "r", "--repository-name", "n"] },
        { "Option '--from' is required, or --config with --repository-name.", ["repository", "copy", "--to", "t"] },
        { "--from and --config exclude each other", ["repository", "copy", "--from", "f", "--config", "c", "--to", "t"] },
        { "--repository-name goes with --config only.", [.. Restore, "--repository-name", "n"] },
        { "--config and --sidecar exclude each other", ["list", "--config", "c", "--repository-name", "n", "--sidecar", "unix:/a"] },
        { "'--database' is required", ["backup", "--repository", "r"] },
        { "--database is empty.", ["backup", "--database", "", "--repository", "r"] },
        { "--repository is empty.", ["list", "--repository", "  "] },
        { "--source is empty.", ["list", "--repository", "r", "--source", ""] },
        { "--compression is 'hevy'; it can be none, light or heavy. Did you mean 'heavy'?", ["backup", "--database", "a", "--repository", "r", "--compression", "hevy"] },
        { "--level is 'all'; it can be structure, data or drill.", ["verify", "--repository", "r", "--level", "all"] },
        { "--source: '.x' cannot name a source.", ["backup", "--database", "a", "--repository", "r", "--source", ".x"] },
        { "--full and --sidecar exclude each other", ["backup", "--full", "--sidecar", "unix:/s"] },
        { "--name: 'a b' cannot name a repository.", ["repository", "add", "--path", "/nowhere", "--name", "a b"] },
        { "--id: 'x' is no id", ["repository", "repair-source", "--repository", "r", "--id", "x"] },
        { "--label: A label is empty", ["backup", "--database", "a", "--repository", "r", "--label", ""] },
        { "--label is given 51 times", ["backup", "--database", "a", "--repository", "r", .. Enumerable.Range(0, 51).SelectMany(i => (string[])["--label", $"l{i}"])] },
        { "--backup and --at exclude each other: give one of --backup, --label, --position, --at.", [.. Restore, "--at", "2026-01-01T00:00:00Z", "--backup", "1234"] },
        { "--start-empty goes with --if-missing.", [.. Restore, "--start-empty"] },
        { "--overwrite and --if-missing exclude each other", [.. Restore, "--overwrite", "--if-missing"] },
        { "--at '2026-01-01 12:00' is not a time: give a time with an offset, such as 2026-03-01T12:00:00Z or 2026-03-01T13:00:00+01:00, or how long ago, such as '10 minutes ago'", [.. Restore, "--at", "2026-01-01 12:00"] },
        { "--at 'yesterday' is not a time", [.. Restore, "--at", "yesterday"] },
        { "--position: '0' cannot be a position.", [.. Restore, "--position", "0"] },
        { "--position: '1@x' cannot be a position.", [.. Restore, "--position", "1@x"] },
        { "--backup: 'abc' cannot be the id of a backup.", [.. Restore, "--backup", "abc"] },
        { "--label: A label is empty", [.. Restore, "--label", " x"] },
        { "'localhost:5000' is no address: allowed is unix:PATH", ["status", "--sidecar", "localhost:5000"] },
        { "'unix:' is no address", ["status", "--sidecar", "unix:"] },
        { "--sidecar and --state exclude each other", ["status", "--sidecar", "unix:/a", "--state", "/b"] },
        { "--timeout is '0s'; it can be up to 1d", ["ensure-durable", "--timeout", "0s"] },
        { "--timeout is 'soon'; it can be up to 1d", ["ensure-durable", "--timeout", "soon"] },
        { "--level is 'far'; it can be local or remote.", ["ensure-durable", "--level", "far"] },
        { "'--client' is required", ["drive", "login"] },
        { "--device and --port exclude each other", ["drive", "login", "--client", "c", "--device", "--port", "1"] },
        { "--port is '0'; it can be 1 to 65535.", ["drive", "login", "--client", "c", "--port", "0"] },
        { "Name the credential with --credential or --credential-variable.", ["drive", "doctor"] },
        { "--credential and --credential-variable exclude each other", ["drive", "doctor", "--credential", "a", "--credential-variable", "b"] },
        { "--kind is 'jsn'; it can be json, refreshtoken or accesstoken. Did you mean 'json'?", ["drive", "doctor", "--credential", "a", "--kind", "jsn"] },
        { "--endpoint 'here' is no address", ["drive", "doctor", "--credential", "a", "--endpoint", "here"] },
        { "Required argument 'PACK' missing", ["inspect", "--repository", "r"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_wrong_command_line_is_answered_with_one_error_and_one_hint(string message, string[] arguments)
    {
        var bench = new CommandLineBench();

        var exitCode = await bench.RunAsync(arguments);

        Assert.Equal(ExitCode.Failed, exitCode);
        Assert.Empty(bench.Out);
        Assert.Equal(2, bench.ErrorLines.Length);
        Assert.StartsWith("error: ", bench.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains(message, bench.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith("hint: ", bench.ErrorLines[1], StringComparison.Ordinal);
        Assert.EndsWith("--help' shows what it takes.", bench.ErrorLines[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_program_gets_the_same_as_one_line_of_JSON(string message, string[] arguments)
    {
        var bench = new CommandLineBench();

        var exitCode = await bench.RunAsync([.. arguments, "--json"]);

        Assert.Equal(ExitCode.Failed, exitCode);
        Assert.Empty(bench.ErrorLines);
        var line = JsonNode.Parse(Assert.Single(bench.OutLines))!;
        Assert.Equal("error", (string?)line["type"]);
        Assert.Equal(ExitCode.Failed, (int?)line["exitCode"]);
        if (arguments is not ([] or ["bakcup"]))
        {
            Assert.Contains(message, (string?)line["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_label_may_start_with_an_at_sign()
    {
        var bench = new CommandLineBench();

        _ = await bench.RunAsync("backup", "--database", "/nowhere/a.db", "--repository", "/nowhere/r", "--state", "/nowhere/s", "--label", "@home");

        Assert.Contains("There is no database at /nowhere/a.db", bench.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_home_the_state_directory_is_asked_for()
    {
        var bench = new CommandLineBench();

        var exitCode = await bench.RunAsync("backup", "--database", "a.db", "--repository", "r");

        Assert.Equal(ExitCode.Failed, exitCode);
        Assert.Contains("neither XDG_STATE_HOME nor HOME", bench.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("--state", bench.ErrorLines[1], StringComparison.Ordinal);
    }
}
