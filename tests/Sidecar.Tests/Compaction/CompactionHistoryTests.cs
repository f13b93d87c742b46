using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Policies;
using Xunit;

namespace BackupSidecar.Tests.Compaction;

/// <summary>Random histories, compacted at random moments and killed at random store calls. The measure is the plain copy of every promised position.</summary>
public sealed class CompactionHistoryTests(ITestOutputHelper output)
{
    private static readonly FaultMoment[] Moments = [FaultMoment.Before, FaultMoment.Midway, FaultMoment.After];

    [Fact]
    public async Task Whatever_happens_every_promised_point_restores_byte_for_byte()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var (kills, merges, deleted, compared) = (0, 0, 0, 0);
        for (var history = 0; history < 12 * ProofSettings.Scale; history++)
        {
            var random = new Random(seed + history);
            using var scene = new CompactionScene { PageSizeBytes = 512 << random.Next(3) };
            scene.Resize(random.Next(1, 40), random);
            await scene.CaptureAsync();
            for (var step = 0; step < 40; step++)
            {
                scene.Time.Advance(TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 6.7) - 1.5)));
                if (random.Next(3) == 0)
                {
                    var killed = random.Next(2) == 0 ? await CompactAndKillAsync(scene, random) : null;
                    kills += killed is null ? 0 : 1;
                    compared += await AssertPromisedAsync(scene, random, sample: 4);
                    if (killed is null || random.Next(2) == 0)
                    {
                        var result = await scene.CompactAsync();
                        Assert.Empty(result.Doubts);
                        (merges, deleted) = (merges + result.Merges, deleted + result.PacksDeleted);
                        compared += await AssertPromisedAsync(scene, random, sample: 4);
                    }
                }
                else
                {
                    await RandomHistory.ChangeAsync(scene, random);
                }
            }

            for (var i = 0; i < 3; i++)
            {
                await scene.CompactAsync();
                scene.Time.Advance(TimeSpan.FromMinutes(11));
            }

            compared += await AssertPromisedAsync(scene, random, sample: int.MaxValue);
            Assert.Empty((await scene.VerifyAsync()).Findings);
            await scene.AssertRestoresAsync([scene.Newest, .. scene.Named.Take(2)]);
        }

        output.WriteLine($"{kills} kills, {merges} merges, {deleted} packs deleted, {compared} positions compared");
        Assert.True(kills > 0 && merges > 0 && deleted > 0);
    }

    /// <returns>What was killed; null if the run has fewer calls than that.</returns>
    private static async Task<string?> CompactAndKillAsync(CompactionScene scene, Random random)
    {
        var fault = Fault.Kill(random.Next(4, 10 + (int)Math.Pow(10, random.NextDouble() * 3)), Moments[random.Next(Moments.Length)]);
        var store = new FaultyStore(scene.Store.Another(), fault);
        try
        {
            await scene.CompactAsync(store);
            return null;
        }
        catch (SimulatedKillException)
        {
            return store.Log[^1];
        }
    }

    private static async Task<int> AssertPromisedAsync(CompactionScene scene, Random random, int sample)
    {
        var catalog = await scene.CatalogAsync();
        Assert.Equal(scene.Newest, catalog.Newest);
        Assert.Equal(scene.Newest, catalog.NewestListed);
        var promised = PromisedPoints.Of(scene.History, scene.Named, scene.Options.Policy, scene.Time.GetUtcNow());
        Assert.All(promised, position => Assert.True(catalog.CanReach(position), $"{position} is promised and cannot be reached"));
        Assert.All(catalog.RestorePoints(), point => Assert.True(catalog.CanReach(point.Position), $"{point} is listed and cannot be reached"));
        Position[] compared = [scene.Newest, .. promised.OrderBy(_ => random.Next()).Take(sample)];
        foreach (var position in compared)
        {
            await scene.AssertRebuildsAsync(catalog, position);
        }

        return compared.Length;
    }
}
