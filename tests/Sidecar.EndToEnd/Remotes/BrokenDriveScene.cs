using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>An application in a process of its own, serve, and a repository in an emulated Drive behind a line that a test breaks: four processes.</summary>
internal sealed class BrokenDriveScene : IAsyncDisposable
{
    private readonly HashSet<long> _acknowledged = [];
    private WriterProcess _application = null!;
    private long _number;

    public RemoteScene Scene { get; } = new();

    public EmulatorProcess Emulator { get; private set; } = null!;

    public ProxyProcess Line { get; private set; } = null!;

    /// <summary>Numbers that stand in the database, each a commit.</summary>
    public long Commits => _number;

    /// <summary>Those of them that were said to be safe in Drive.</summary>
    public int Acknowledged => _acknowledged.Count;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<BrokenDriveScene> StartAsync()
    {
        var scene = new BrokenDriveScene();
        scene.Emulator = await EmulatorProcess.StartAsync(scene.Scene.Elsewhere("emulator"));
        scene.Line = await ProxyProcess.StartAsync(scene.Emulator.Address);
        await scene.Scene.AddDriveAsync(scene.Line.Address);
        scene._application = WriterProcess.Start();
        await scene._application.OpenAsync("app", scene.Scene.Database);
        await scene._application.ExecuteAsync("app", "CREATE TABLE numbers (number INTEGER)");
        return scene;
    }

    /// <summary>One commit, of a new number and of as many bytes that nothing compresses.</summary>
    public Task CommitAsync(int bytes)
    {
        _number++;
        return _application.ExecuteAsync("app", $"INSERT INTO numbers VALUES ({_number}); UPDATE t SET body = randomblob({bytes}) WHERE id = 1");
    }

    /// <summary>Asks that everything is safe in Drive, and remembers it if the answer is yes.</summary>
    public async Task<bool> EnsureAsync(string patience)
    {
        var last = _number;
        if ((await Scene.EnsureRemoteAsync(patience)).ExitCode != 0)
        {
            return false;
        }

        _acknowledged.UnionWith(Enumerable.Range(1, (int)last).Select(number => (long)number));
        return true;
    }

    /// <summary>Commits and asks, again and again, until serve is killed: some moments after so many requests have reached Drive, so that kills meet work however busy the machine is.</summary>
    /// <param name="serve">The process.</param>
    /// <param name="requests">That reach Drive before.</param>
    /// <param name="moments">Milliseconds after that.</param>
    /// <param name="lifeMax">Where fewer come.</param>
    /// <param name="bytesOf">Of the next commit.</param>
    public async Task WorkUntilKilledAsync(SidecarProcess serve, int requests, int moments, TimeSpan lifeMax, Func<int> bytesOf)
    {
        var killing = KillAsync(serve, await Emulator.RequestsAsync() + requests, moments, lifeMax);
        while (!serve.HasExited)
        {
            await CommitAsync(bytesOf());
            _ = await EnsureAsync("20s");
        }

        await killing;
        _ = await serve.WaitForExitAsync(Ct);
    }

    /// <summary>
    /// After everything is whole again: what was acknowledged is in Drive alone, without a second object of anything; then the newest state goes there, and a fresh machine restores it byte for byte.
    /// </summary>
    public async Task AssertNothingLostAsync()
    {
        await Line.OpenAsync();
        await Emulator.HealAsync();
        Assert.NotEmpty(_acknowledged);
        (await RestoreAsync("acknowledged.db")).ShouldExit(0);
        Assert.Subset(RemoteScene.Numbers(Scene.Elsewhere("acknowledged.db")), _acknowledged);

        await using (var serve = await Scene.ServeAsync())
        {
            Assert.True(await EnsureAsync("90s"), (await CommandScene.RunAsync("status", "--state", Scene.State)).Output);
            serve.Kill();
            _ = await serve.WaitForExitAsync(Ct);
        }

        await _application.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        await _application.CloseAsync("app");
        (await RestoreAsync("newest.db")).ShouldExit(0);
        Assert.Equal(await File.ReadAllBytesAsync(Scene.Database, Ct), await File.ReadAllBytesAsync(Scene.Elsewhere("newest.db"), Ct));

        var names = Emulator.Packs();
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
        var positions = names.Select(name => string.Join('-', Path.GetFileName(name).Split('-')[..4])).ToList();
        Assert.Equal(positions.Distinct(), positions);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in (IAsyncDisposable?[])[_application, Line, Emulator])
        {
            await (one?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        Scene.Dispose();
    }

    private async Task KillAsync(SidecarProcess serve, long requests, int moments, TimeSpan lifeMax)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await Emulator.RequestsAsync() < requests && TimeProvider.System.GetElapsedTime(began) < lifeMax)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(moments), TimeProvider.System, Ct);
        serve.Kill();
    }

    /// <summary>As on a machine that has nothing but the configuration. What was acknowledged and is not listed yet is refused, until the listing shows it: files that came while it lagged stay hidden for some seconds.</summary>
    private async Task<SidecarResult> RestoreAsync(string name)
    {
        Scene.LoseLocal();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var result = await CommandScene.RunAsync("restore", "--config", Scene.Configuration, "--output", Scene.Elsewhere(name));
            if (result.ExitCode == 0 || !result.Error.Contains("no pack in Google Drive", StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(20))
            {
                return result;
            }
        }
    }
}
