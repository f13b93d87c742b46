using BackupSidecar.Primitives;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>A backup is killed at every call to its store, and between them. The next one succeeds, and nothing that was acknowledged is lost.</summary>
public sealed class KilledEverywhereTests
{
    private static readonly FaultMoment[] Moments = [FaultMoment.Before, FaultMoment.Midway, FaultMoment.After];

    public static TheoryData<BackupSituation> Situations => [.. Enum.GetValues<BackupSituation>()];

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_backup_killed_at_any_store_call_can_be_run_again(BackupSituation situation)
    {
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, situation);
        scene.Remember();
        var counting = new FaultyStore(scene.Store, fault: null);
        await scene.BackupAsync(counting);
        Assert.InRange(counting.Calls, 10, 200);

        for (var call = 1; call <= counting.Calls; call++)
        {
            foreach (var moment in Moments)
            {
                scene.GoBack();
                await KillAsync(scene, new FaultyStore(scene.Store, Fault.Kill(call, moment)), progress: null);
                if ((call + (int)moment) % 2 == 0)
                {
                    scene.DeleteState();
                }

                await scene.BackupAsync();
                await scene.AssertWholeAsync();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_backup_killed_between_store_calls_can_be_run_again(BackupSituation situation)
    {
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, situation);
        scene.Remember();
        var steps = new KillingProgress(killAt: 0);
        await scene.BackupAsync(progress: steps);
        Assert.NotEqual(0, steps.Reports);

        for (var step = 1; step <= steps.Reports; step++)
        {
            scene.GoBack();
            await KillAsync(scene, new FaultyStore(scene.Store, fault: null), new KillingProgress(step));
            await scene.BackupAsync();
            await scene.AssertWholeAsync();
        }
    }

    private static async Task KillAsync(ProofScene scene, FaultyStore store, KillingProgress? progress)
    {
        var acknowledged = scene.Acknowledged.Count;
        await Assert.ThrowsAsync<SimulatedKillException>(() => scene.BackupAsync(store, progress: progress));
        Assert.Equal(acknowledged, scene.Acknowledged.Count);
        if (acknowledged > 0)
        {
            // Also without a second run there is nothing half-done to be seen.
            Assert.Empty((await scene.VerifyAsync()).Findings);
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
