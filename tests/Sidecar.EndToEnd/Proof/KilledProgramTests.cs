using System.Text.Json.Nodes;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>SIGKILL strikes the real program at random moments while an application writes. Whatever it acknowledged before is restorable, for good.</summary>
public sealed class KilledProgramTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(SidecarBinary.Current.IsPublished ? 25 : 10) * ProofSettings.Scale;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_survives_any_kill()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        await using var bench = await KillBench.StartAsync(new Random(seed), Ct);
        var begun = TimeProvider.System.GetTimestamp();
        try
        {
            do
            {
                await bench.RoundAsync(Ct);
            }
            while (TimeProvider.System.GetElapsedTime(begun) < Duration);

            await bench.AssertAllRestoreAsync(Ct);
        }
        finally
        {
            output.WriteLine(bench.Report);
        }
    }

    [Fact]
    public async Task Of_many_programs_at_once_each_succeeds_or_says_who_is_before_it()
    {
        using var volume = new ScratchVolume();
        await using var app = WriterProcess.Start();
        await app.OpenAsync("app", volume.Database, "PRAGMA journal_mode=WAL");
        await app.CreateSampleTablesAsync("app");
        string[] arguments = ["backup", "--database", volume.Database, "--repository", volume.Elsewhere("repository"), "--state", volume.Elsewhere("state"), "--json"];

        // None of them finds a repository: they also race to create it.
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SidecarBinary.RunAsync(arguments, Ct)));

        var succeeded = results.Count(result => result.ExitCode == 0);
        Assert.NotEqual(0, succeeded);
        Assert.All(results.Where(result => result.ExitCode != 0), result => Assert.Contains("is locked by another writer", result.ShouldExit(11).Output, StringComparison.Ordinal));
        var verified = JsonNode.Parse((await SidecarBinary.RunAsync(["verify", "--repository", volume.Elsewhere("repository"), "--json"], Ct)).ShouldExit(0).OutputLines[^1])!;
        Assert.Equal((succeeded, 1), (verified["manifests"]!.GetValue<int>(), verified["packs"]!.GetValue<int>()));
    }
}
