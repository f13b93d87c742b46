using BackupSidecar.Following;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A configuration and its directories change while serve runs: what stayed the same goes on.</summary>
public sealed class ServeReloadTests : IDisposable
{
    private readonly ServeBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_changed_configuration_starts_stops_pauses_and_changes_sources_alone()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/b.db" }, { "path": "/d/c.db" }""");
        _bench.Start();
        var first = new Dictionary<string, ScriptedSource>();
        for (var i = 0; i < 3; i++)
        {
            var source = await _bench.NextAsync();
            first.Add(source.Definition.Name, source);
        }

        _bench.WriteConfiguration("""{ "path": "/d/a.db", "interval": "2s" }, { "path": "/d/b.db", "enabled": false }, { "path": "/d/new.db" }""");
        _bench.Host.RequestReload();

        Assert.Equal(TimeSpan.FromSeconds(2), (await first["a"].Applied.Task.WaitAsync(Ct)).Interval);
        await first["b"].Disposed.Task.WaitAsync(Ct);
        await first["c"].Disposed.Task.WaitAsync(Ct);
        Assert.Equal("new", (await _bench.NextAsync()).Definition.Name);
        Assert.Equal(["a", "b", "new"], _bench.Host.Status.Sources.Select(source => source.Name));
        Assert.Equal(SourceState.Paused, _bench.Host.Status.Sources[1].State);
        Assert.False(first["a"].Disposed.Task.IsCompleted);

        _bench.WriteConfiguration("""{ "path": "/d/b.db" }""");
        _bench.Host.RequestReload();
        Assert.Equal("b", (await _bench.NextAsync()).Definition.Name);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_broken_file_keeps_what_was_and_what_cannot_change_is_named()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        var source = await _bench.NextAsync();
        File.WriteAllText(_bench.ConfigurationPath, "{ \"sources\": [ }");
        _bench.Host.RequestReload();
        await _bench.UntilAsync(() => _bench.Log.Contains("the configuration is kept as it was", StringComparison.Ordinal), TimeSpan.Zero, "the warning");
        Assert.False(source.Disposed.Task.IsCompleted);

        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""", """, "state": { "path": "/other" }, "log": { "level": "debug" }""");
        _bench.Host.RequestReload();
        await _bench.UntilAsync(() => _bench.Log.Contains("log cannot change while serve runs", StringComparison.Ordinal), TimeSpan.Zero, "the last warning");
        Assert.Contains("state.path cannot change while serve runs", _bench.Log, StringComparison.Ordinal);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_file_that_is_no_text_or_a_link_to_itself_ends_nothing()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        var source = await _bench.NextAsync();
        File.WriteAllBytes(_bench.ConfigurationPath, [.. "{ \"repository\": { \"path\": \""u8, 0xFF, .. "\" } }"u8]);
        _bench.Host.RequestReload();
        await _bench.UntilAsync(() => _bench.Log.Contains("this is not UTF-8 text", StringComparison.Ordinal), TimeSpan.Zero, "the first warning");

        File.Delete(_bench.ConfigurationPath);
        File.CreateSymbolicLink(_bench.ConfigurationPath, _bench.ConfigurationPath);
        await _bench.UntilAsync(() => _bench.Log.Contains("cannot be read", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the second warning");

        Assert.False(source.Disposed.Task.IsCompleted);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_second_removal_is_waited_for_and_the_deadline_holds_for_both()
    {
        _bench.Scripts["a"] = [ScriptedSource.FollowAsync, static stop => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).ContinueWith(static _ => FollowingEnd.Complete, TaskScheduler.Default)];
        _bench.WriteConfiguration("""{ "path": "/d/other.db" }, { "path": "/d/a.db" }""");
        _bench.Start();
        ScriptedSource[] first = [await _bench.NextAsync(), await _bench.NextAsync()];

        // Replaced by one that hears no stop, which is replaced in its turn: the third waits for the second.
        _bench.WriteConfiguration("""{ "path": "/d/other.db" }, { "path": "/d/a.db", "compression": "heavy" }""");
        _bench.Host.RequestReload();
        _ = await _bench.NextAsync();
        _bench.WriteConfiguration("""{ "path": "/d/other.db" }, { "path": "/d/a.db", "compression": "none" }""");
        _bench.Host.RequestReload();
        await _bench.UntilAsync(() => _bench.Log.Split("source 'a' is followed").Length == 4, TimeSpan.Zero, "the third");

        _bench.Stop();

        // What is being removed is told of the end before any other: its deadline runs by now.
        await first.Single(source => source.Definition.Name == "other").Disposed.Task.WaitAsync(Ct);
        Assert.Empty(_bench.Made);

        // Without the end it would have had a minute. The third begins when the second is given up, and is given up itself.
        _bench.Time.Advance(TimeSpan.FromSeconds(9));
        await _bench.UntilAsync(() => !_bench.Made.IsEmpty, TimeSpan.Zero, "the deadline of 8 s for what is being removed");
        await _bench.UntilAsync(() => _bench.Running.IsCompleted, TimeSpan.FromSeconds(1), "the end");

        Assert.Equal(["a"], await _bench.Running);
    }

    [Fact]
    public async Task A_changed_file_is_found_without_a_signal()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/longer.db" }""");

        await _bench.UntilAsync(() => _bench.Host.Status.Sources.Count == 2, TimeSpan.FromSeconds(5), "the new source");

        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_file_that_changed_between_its_reading_and_the_start_is_read_again()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start(changed: """{ "path": "/d/a.db" }, { "path": "/d/longer.db" }""");

        await _bench.UntilAsync(() => _bench.Host.Status.Sources.Count == 2, TimeSpan.FromSeconds(5), "the new source");

        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_new_database_of_a_directory_is_found_and_a_vanished_one_let_go()
    {
        var data = Directory.CreateDirectory(_bench.Join("data")).FullName;
        File.WriteAllText(Path.Join(data, "one.db"), "");
        _bench.WriteConfiguration($$"""{ "directory": "{{data}}" }""");
        _bench.Start();
        var one = await _bench.NextAsync();

        File.WriteAllText(Path.Join(data, "two.db"), "");
        await _bench.UntilAsync(() => _bench.Host.Status.Sources.Count == 2, TimeSpan.FromSeconds(5), "the second database");
        File.Delete(Path.Join(data, "one.db"));
        await _bench.UntilAsync(() => one.Disposed.Task.IsCompleted, TimeSpan.FromSeconds(5), "the end of the first");

        Assert.Equal("two", Assert.Single(_bench.Host.Status.Sources).Name);
        Assert.Empty(await _bench.EndAsync());
    }
}
