using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>Drive itself fails in every way that the emulator knows, and serve is killed meanwhile: what was acknowledged is there, once, and restores.</summary>
public sealed class FaultyDriveTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int LargeBytes = 5_000_000;

    /// <summary>A call that failed is tried again a second later: some of these.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromSeconds(2.5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_commit_is_lost_by_kills_while_drive_fails_and_lists_what_is_not_so()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await using var scene = await BrokenDriveScene.StartAsync();
        await using (var first = await scene.Scene.ServeAsync())
        {
            await scene.CommitAsync(LargeBytes);
            Assert.True(await scene.EnsureAsync("60s"));
            first.Kill();
            _ = await first.WaitForExitAsync(Ct);
        }

        var hits = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var kill = 0; kill < Kills * ProofSettings.Scale; kill++)
        {
            await scene.Emulator.SetFaultsAsync(ScriptOf(random));
            await scene.Emulator.SetListingAsync($$"""
                { "lagSeconds": {{random.Next(4)}}, "lagLists": {{random.Next(3)}}, "emptyPages": 0.2, "phantoms": 1, "repeated": 0.1, "disorder": true, "seed": {{random.Next()}} }
                """);
            await using var serve = await scene.Scene.ServeAsync();
            await scene.WorkUntilKilledAsync(serve, random.Next(5, 70), random.Next(60), LifeMax, () => random.Next(3) == 0 ? LargeBytes : 3_000);
            foreach (var (rule, count) in await scene.Emulator.HitsAsync())
            {
                hits[rule] = hits.GetValueOrDefault(rule) + count;
            }
        }

        output.WriteLine(string.Join(", ", hits.Select(rule => $"{rule.Value} {rule.Key}")));
        output.WriteLine($"{Kills * ProofSettings.Scale} kills, {scene.Commits} commits, {scene.Acknowledged} acknowledged");
        await scene.AssertNothingLostAsync();
    }

    /// <summary>Some of the faults, each often enough to be met in a life of a second, and seldom enough that some calls pass.</summary>
    private static string ScriptOf(Random random)
    {
        string[] rules =
        [
            """{ "name": "burst of 503", "calls": ["files.*", "upload.*"], "skip": 3, "count": 2, "fault": { "kind": "status", "status": 503 } }""",
            """{ "name": "rate limit", "calls": ["*"], "probability": 0.05, "fault": { "kind": "status", "status": 403, "reason": "userRateLimitExceeded" } }""",
            """{ "name": "too many", "calls": ["*"], "probability": 0.05, "fault": { "kind": "status", "status": 429, "body": "modern", "retryAfter": 0 } }""",
            """{ "name": "failed after its effect", "calls": ["upload.*", "files.delete", "files.update"], "probability": 0.1, "fault": { "kind": "status", "status": 500, "when": "after" } }""",
            """{ "name": "cut before", "calls": ["upload.*"], "probability": 0.1, "fault": { "kind": "cut", "when": "before", "bytes": 300000 } }""",
            """{ "name": "cut after", "calls": ["upload.*", "files.*"], "probability": 0.1, "fault": { "kind": "cut", "when": "after" } }""",
            """{ "name": "short persist", "calls": ["upload.chunk"], "probability": 0.3, "fault": { "kind": "shortPersist", "bytes": 524288 } }""",
            """{ "name": "truncated", "calls": ["files.*"], "probability": 0.05, "fault": { "kind": "truncate", "bytes": 20 } }""",
            """{ "name": "truncated and clean", "calls": ["files.download", "files.list"], "probability": 0.05, "fault": { "kind": "truncate", "bytes": 20, "clean": true } }""",
            """{ "name": "a page for people", "calls": ["files.*", "upload.*"], "probability": 0.05, "fault": { "kind": "status", "status": 502, "body": "html" } }""",
            """{ "name": "half a body", "calls": ["*"], "probability": 0.05, "fault": { "kind": "status", "status": 500, "body": "half" } }""",
            """{ "name": "session gone", "calls": ["upload.chunk"], "probability": 0.1, "fault": { "kind": "sessionGone" } }""",
            """{ "name": "slow", "calls": ["upload.*"], "fault": { "kind": "delay", "milliseconds": 20 } }""",
        ];
        random.Shuffle(rules);
        return $$"""{ "seed": {{random.Next(1_000_000)}}, "rules": [ {{string.Join(", ", rules.Take(4))}} ] }""";
    }
}
