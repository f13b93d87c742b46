using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>serve is killed while it copies a large database into its local state, before anything of it is packed: nothing of the copy is left, and the next one is right.</summary>
public sealed class KilledCopyTests(ITestOutputHelper output)
{
    private const int Kills = 4;

    /// <summary>120 MB: far more than is captured from memory.</summary>
    private const string Large = "CREATE TABLE large(x); INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT randomblob(3800) FROM n;";

    /// <summary>What the log held is gone, so that all pages must be compared; and most of them differ.</summary>
    private const string ChangeUnseen = "UPDATE large SET x = randomblob(3800); PRAGMA wal_checkpoint(RESTART); UPDATE large SET x = 1 WHERE rowid = 5";

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LaterMax = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StateFate.Kept)]
    [InlineData(StateFate.Deleted)]
    public Task Killed_while_it_copies_it_begins_anew(StateFate fate) => FollowBench.RunAsync(output, async bench =>
    {
        await bench.KillSidecarAsync();
        await bench.App.ExecuteAsync(FollowBench.Main, Large);
        if (fate == StateFate.Kept)
        {
            bench.StartSidecar();
            await bench.CaughtUpAsync();
            await bench.KillSidecarAsync();
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            await bench.App.ExecuteAsync(FollowBench.Main, ChangeUnseen);
            if (fate == StateFate.Deleted)
            {
                bench.DeleteState();
            }

            bench.StartSidecar();
            await CopiesAsync(bench);
            await Task.Delay(LaterMax * bench.Random.NextDouble(), TimeProvider.System, Ct);
            await bench.KillSidecarAsync();
            Assert.DoesNotContain(bench.StateFiles, file => file.EndsWith(".pages", StringComparison.Ordinal));
        }

        bench.StartSidecar();
        await bench.CaughtUpAsync();
        await bench.Followed.AssertEarlierPointsAsync(FollowBench.EarlierPoints);
    });

    /// <summary>Returns when the copy has been begun: its file has no name any more, but is open.</summary>
    private static async Task CopiesAsync(FollowBench bench)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!OpenFiles(bench.Sidecar.Id).Any(file => file.EndsWith(".pages (deleted)", StringComparison.Ordinal)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < WaitMax, $"No copy was begun within {WaitMax.TotalSeconds} s: {bench.Sidecar}");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        }
    }

    private static IEnumerable<string> OpenFiles(int processId)
    {
        foreach (var descriptor in new DirectoryInfo($"/proc/{processId}/fd").EnumerateFiles())
        {
            yield return descriptor.LinkTarget ?? "";
        }
    }
}
