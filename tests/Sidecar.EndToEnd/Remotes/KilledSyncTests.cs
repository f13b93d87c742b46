using BackupSidecar.DriveEmulator;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>serve is killed at random moments while commits go to two repositories; now and then the whole local volume is lost. What was acknowledged for the second one restores from there.</summary>
public sealed class KilledSyncTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 50;

    private readonly RemoteScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_acknowledged_commit_is_lost_by_kills_or_by_the_loss_of_the_local_volume(bool isDrive)
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await using var emulator = isDrive ? await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = _scene.Elsewhere("emulator"), AnyToken = true }, Ct) : null;
        await (emulator is null ? _scene.AddRemoteAsync() : _scene.AddDriveAsync(emulator.BaseAddress));
        await using var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await application.ExecuteAsync("app", "CREATE TABLE numbers (number INTEGER)");
        var acknowledged = new HashSet<long>();
        var (number, losses) = (0L, 0);
        await using (var first = await _scene.ServeAsync())
        {
            // However slow the machine is, something was acknowledged.
            await application.ExecuteAsync("app", "INSERT INTO numbers VALUES (0)");
            (await _scene.EnsureRemoteAsync()).ShouldExit(0);
            _ = acknowledged.Add(0);
            first.Kill();
            await first.WaitForExitAsync(Ct);
        }

        for (var kill = 0; kill < Kills * ProofSettings.Scale; kill++)
        {
            await using var serve = await _scene.ServeAsync();
            using var due = new CancellationTokenSource(random.Next(20, 1200));
            await using var killed = due.Token.Register(serve.Kill);
            while (!serve.HasExited)
            {
                number++;
                await application.ExecuteAsync("app", $"INSERT INTO numbers VALUES ({number}); UPDATE t SET body = randomblob(3000) WHERE id = 1");
                if ((await _scene.EnsureRemoteAsync("20s")).ExitCode == 0)
                {
                    acknowledged.UnionWith(Enumerable.Range(1, (int)number).Select(each => (long)each));
                }
            }

            await serve.WaitForExitAsync(Ct);
            if (random.Next(10) == 0)
            {
                losses++;
                _scene.LoseLocal();
            }
        }

        _scene.LoseLocal();
        (await CommandScene.RunAsync("restore", "--config", _scene.Configuration, "--output", _scene.Restored)).ShouldExit(0);
        output.WriteLine($"{Kills * ProofSettings.Scale} kills, {losses} losses, {number} commits, {acknowledged.Count} acknowledged");
        Assert.NotEmpty(acknowledged);
        Assert.Subset(RemoteScene.Numbers(_scene.Restored), acknowledged);
        if (!isDrive)
        {
            (await CommandScene.RunAsync("verify", "--repository", _scene.Remote, "--level", "drill")).ShouldExit(0);
        }

        // No position twice, and no name twice.
        var names = isDrive ? EmulatorProcess.PacksIn(_scene.Elsewhere("emulator")) : Directory.GetFiles(Path.Join(_scene.Remote, "packs"), "*.pack", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!).ToList();
        var packs = names.Select(name => string.Join('-', Path.GetFileName(name).Split('-')[..4])).ToList();
        Assert.NotEmpty(packs);
        Assert.Equal(packs.Distinct(), packs);
    }
}
