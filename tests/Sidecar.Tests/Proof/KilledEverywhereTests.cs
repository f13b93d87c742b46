using BackupSidecar.Primitives;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>A backup is killed at every call to its store, and between them. The next one succeeds, and nothing that was acknowledged is lost.</summary>
public sealed class KilledEverywhereTests(ITestOutputHelper output)
{
    private static readonly FaultMoment[] Moments = [FaultMoment.Before, FaultMoment.Midway, FaultMoment.After];

    public static TheoryData<ProofStore, BackupSituation> Situations =>
        new(Enum.GetValues<ProofStore>().SelectMany(store => Enum.GetValues<BackupSituation>().Select(situation => (store, situation))));

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_backup_killed_at_any_store_call_can_be_run_again(ProofStore where, BackupSituation situation)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, situation);
        scene.Remember();
        var counting = new FaultyStore(await place.FillAsync(scene.Store), fault: null);
        await scene.BackupAsync(counting);
        Assert.InRange(counting.Calls, 10, 200);

        foreach (var (call, moment) in place.Of(Enumerable.Range(1, counting.Calls).SelectMany(call => Moments.Select(moment => (call, moment)))))
        {
            scene.GoBack();
            await KillAsync(scene, place, new FaultyStore(await place.FillAsync(scene.Store), Fault.Kill(call, moment)), progress: null);
            if ((call + (int)moment) % 2 == 0)
            {
                scene.DeleteState();
            }

            var store = place.Reopen();
            await scene.BackupAsync(store);
            await scene.AssertWholeAsync(store);
        }
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_backup_killed_between_store_calls_can_be_run_again(ProofStore where, BackupSituation situation)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, situation);
        scene.Remember();
        var steps = new KillingProgress(killAt: 0);
        await scene.BackupAsync(await place.FillAsync(scene.Store), progress: steps);
        Assert.NotEqual(0, steps.Reports);

        foreach (var step in place.Of(Enumerable.Range(1, steps.Reports)))
        {
            scene.GoBack();
            await KillAsync(scene, place, new FaultyStore(await place.FillAsync(scene.Store), fault: null), new KillingProgress(step));
            var store = place.Reopen();
            await scene.BackupAsync(store);
            await scene.AssertWholeAsync(store);
        }
    }

    private static async Task KillAsync(ProofScene scene, ProofPlace place, FaultyStore store, KillingProgress? progress)
    {
        var acknowledged = scene.Acknowledged.Count;
        await Assert.ThrowsAsync<SimulatedKillException>(() => scene.BackupAsync(store, progress: progress));
        Assert.Equal(acknowledged, scene.Acknowledged.Count);
        if (acknowledged > 0)
        {
            // Also without a second run there is nothing half-done to be seen.
            Assert.Empty((await scene.VerifyAsync(place.Reopen())).Findings);
        }
    }

    private sealed class KillingProgress(int killAt) : IProgress<ProgressReport>
    {
        public int Reports { get; private set; }

        public void Report(ProgressReport value)
        {
            if (++Reports == killAt)
            {
                throw new SimulatedKillException(killAt);
            }
        }
    }
}
