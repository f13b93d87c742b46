using System.Text.Json.Nodes;
using BackupSidecar.Cli;
using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Tests.Cli;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>What a serve answers to those who ask it, and that there is one for each state directory.</summary>
public sealed class ServeCallsTests : IDisposable
{
    private readonly ServeBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Status_is_asked_through_a_socket_that_only_its_owner_can_open()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/b.db", "enabled": false }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        var cli = new CommandLineBench();

        Assert.Equal(ExitCode.Ok, await cli.RunAsync("status", "--state", _bench.State, "--json"));

        var sources = JsonNode.Parse(Assert.Single(cli.OutLines))!["serve"]!["sources"]!.AsArray();
        Assert.Equal(["following", "paused"], sources.Select(source => (string?)source!["state"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bench.OperatorSocket));
        var people = new CommandLineBench();
        Assert.Equal(ExitCode.Ok, await people.RunAsync("status", "--state", _bench.State));
        Assert.Contains("b: /d/b.db; the configuration says enabled: false", people.Out, StringComparison.Ordinal);
        Assert.Empty(await _bench.EndAsync());
        Assert.False(File.Exists(_bench.OperatorSocket));
    }

    [Fact]
    public async Task A_second_serve_with_the_same_state_is_refused_and_the_first_stays()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        var first = _bench.Running;
        _bench.Start();

        var refused = await Assert.ThrowsAnyAsync<OperatorException>(() => _bench.Running);

        Assert.Equal(FailureKind.Locked, refused.Kind);
        Assert.Equal(ExitCode.Ok, await new CommandLineBench().RunAsync("status", "--state", _bench.State));
        _bench.Stop();
        Assert.Empty(await first);
    }

    [Fact]
    public async Task A_socket_that_a_killed_serve_left_behind_is_replaced()
    {
        var path = _bench.OperatorSocket;
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var dead = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0))
        {
            // Closing leaves the name.
            dead.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        var before = new CommandLineBench();
        Assert.Equal(ExitCode.Failed, await before.RunAsync("status", "--state", _bench.State));
        Assert.Contains("No serve is running", before.ErrorLines[0], StringComparison.Ordinal);
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();

        Assert.Equal(ExitCode.Ok, await new CommandLineBench().RunAsync("status", "--state", _bench.State));
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task What_is_committed_is_stored_on_request_or_the_reason_is_told()
    {
        _bench.Scripts["bad"] = [_ => throw new OperatorException(FailureKind.Failed, "the disk is on fire", "Put it out.")];
        _bench.WriteConfiguration("""{ "path": "/d/bad.db" }, { "path": "/d/good.db" }, { "path": "/d/none.db" }, { "path": "/d/off.db", "enabled": false }""");
        _bench.Start();
        var sources = new Dictionary<string, ScriptedSource>();
        for (var i = 0; i < 3; i++)
        {
            var source = await _bench.NextAsync();
            sources[source.Definition.Name] = source;
        }

        await _bench.UntilAsync(() => StatusOf("bad").State == SourceState.Failing, TimeSpan.Zero, "the failure in the status");
        sources["none"].Known = status => status with { State = SourceState.Waiting };
        sources["good"].Known = status => status with { DatabaseBytes = 1 };

        var stored = _bench.Host.CaptureNowAsync("good", Ct);
        Assert.False(stored.IsCompleted);
        sources["good"].CaughtUp.SetResult();
        Assert.Equal(CaptureRequestOutcome.Stored, await stored);
        Assert.Equal(CaptureRequestOutcome.Failing, await _bench.Host.CaptureNowAsync("bad", Ct));
        Assert.Equal(CaptureRequestOutcome.DatabaseMissing, await _bench.Host.CaptureNowAsync("none", Ct));
        Assert.Equal(CaptureRequestOutcome.Paused, await _bench.Host.CaptureNowAsync("off", Ct));
        Assert.Null(await _bench.Host.CaptureNowAsync("other", Ct));
        Assert.Equal(["bad"], await _bench.EndAsync());
    }

    [Fact]
    public async Task Status_says_when_no_serve_is_running_and_when_the_path_is_too_long()
    {
        var cli = new CommandLineBench();

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("status", "--state", _bench.State));
        Assert.Contains("No serve is running", cli.ErrorLines[0], StringComparison.Ordinal);

        var tooLong = new CommandLineBench();
        Assert.Equal(ExitCode.Failed, await tooLong.RunAsync("status", "--state", "/" + new string('d', 110)));
        Assert.Contains("is too long for a socket", tooLong.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watched_status_is_told_until_serve_ends()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        var json = new CommandLineBench();
        var people = new CommandLineBench();
        var watches = Task.WhenAll(json.RunAsync("status", "--state", _bench.State, "--watch", "--json"), people.RunAsync("status", "--state", _bench.State, "--watch"));
        await _bench.UntilAsync(() => json.OutLines.Length > 0 && people.Out.Contains("/d/a.db", StringComparison.Ordinal), TimeSpan.Zero, "the first state");

        Assert.Empty(await _bench.EndAsync());

        Assert.All(await watches, exitCode => Assert.Equal(ExitCode.Failed, exitCode));
        Assert.Equal("status", (string?)JsonNode.Parse(json.OutLines[0])!["type"]);
        Assert.Equal("The sidecar is ending.", (string?)JsonNode.Parse(json.OutLines[^1])!["message"]);
        Assert.Equal("error: The sidecar is ending.", people.ErrorLines[0]);
    }

    [Fact]
    public async Task A_wait_for_durability_ends_when_its_time_is_up()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        var source = await _bench.NextAsync();
        source.Known = status => status with { DatabaseBytes = 1, Timeline = "00000000000000a7" };
        var late = new CommandLineBench();
        var inTime = new CommandLineBench();

        Assert.Equal(ExitCode.Failed, await late.RunAsync("ensure-durable", "--state", _bench.State, "--timeout", "100ms"));
        source.CaughtUp.SetResult();
        Assert.Equal(ExitCode.Ok, await inTime.RunAsync("ensure-durable", "--state", _bench.State, "--source", "a"));

        Assert.Equal("error: Not everything that was committed can be restored from the repository after 100ms, as far as is known.", late.ErrorLines[0]);
        Assert.StartsWith("Restorable: position 7 on timeline", inTime.Out, StringComparison.Ordinal);
        Assert.Empty(await _bench.EndAsync());
    }

    private SourceStatus StatusOf(string name) => _bench.Host.Status.Sources.Single(source => source.Name == name);
}
