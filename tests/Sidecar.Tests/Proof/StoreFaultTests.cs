using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>The store fails at each of its calls in turn: a clear error, nothing half-published, and the next run works.</summary>
public sealed class StoreFaultTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<int, Fault>> FaultsByName = new()
    {
        ["no space"] = Fault.NoSpace,
        ["I/O error before"] = call => Fault.InputOutputError(call, FaultMoment.Before),
        ["I/O error halfway"] = call => Fault.InputOutputError(call, FaultMoment.Midway),
        ["I/O error after"] = call => Fault.InputOutputError(call, FaultMoment.After),
        ["permission lost"] = Fault.PermissionLost,
        ["vanished"] = Fault.Vanish,
    };

    public static TheoryData<ProofStore, string> Faults => new(Enum.GetValues<ProofStore>().SelectMany(store => FaultsByName.Keys.Select(fault => (store, fault))));

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_backup_fails_clearly_or_is_right_and_the_next_one_works(ProofStore where, string fault)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        foreach (var situation in (BackupSituation[])[BackupSituation.First, BackupSituation.Increment, BackupSituation.LostState])
        {
            using var scene = new ProofScene();
            await BackupSituations.PrepareAsync(scene, situation);
            scene.Remember();
            var calls = await CountAsync(scene, place, store => scene.BackupAsync(store));
            foreach (var call in place.Of(Enumerable.Range(1, calls)))
            {
                scene.GoBack();
                var acknowledged = scene.Acknowledged.Count;
                var failure = await TryAsync(new FaultyStore(await place.FillAsync(scene.Store), FaultsByName[fault](call)), store => scene.BackupAsync(store));
                Assert.Equal(failure is null, scene.Acknowledged.Count > acknowledged);
                var again = place.Reopen();
                await scene.BackupAsync(again);
                await scene.AssertWholeAsync(again);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_restore_fails_clearly_and_leaves_nothing(ProofStore where, string fault)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, BackupSituation.Increment);
        var newest = scene.Acknowledged[^1];
        var calls = await CountAsync(scene, place, store => scene.RestoreAsync(newest.Manifest.Position, store));
        foreach (var call in place.Of(Enumerable.Range(1, calls)))
        {
            // That nothing is left in the target's directory is asserted in there.
            var failure = await TryAsync(
                new FaultyStore(await place.FillAsync(scene.Store), FaultsByName[fault](call)),
                async store => ProofScene.AssertEqual(newest.Database, await scene.RestoreAsync(newest.Manifest.Position, store)));
            Assert.NotNull(failure);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_verification_never_passes_what_it_could_not_read(ProofStore where, string fault)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, BackupSituation.Increment);
        var calls = await CountAsync(scene, place, store => scene.VerifyAsync(store));
        foreach (var call in place.Of(Enumerable.Range(1, calls)))
        {
            var isProved = false;
            var failure = await TryAsync(new FaultyStore(await place.FillAsync(scene.Store), FaultsByName[fault](call)), async store => isProved = (await scene.VerifyAsync(store)).IsProved);
            Assert.False(isProved, $"verify passed although call {call} of {calls} failed");
            Assert.True(failure is null || failure.Kind != FailureKind.Unspecified);
        }
    }

    private static async Task<int> CountAsync(ProofScene scene, ProofPlace place, Func<FaultyStore, Task> run)
    {
        var counting = new FaultyStore(await place.FillAsync(scene.Store), fault: null);
        await run(counting);
        Assert.NotEqual(0, counting.Calls);
        return counting.Calls;
    }

    /// <returns>What an operator would see, or null. Any other exception fails the test.</returns>
    private static async Task<OperatorException?> TryAsync(FaultyStore store, Func<IObjectStore, Task> run)
    {
        try
        {
            await run(store);
            return null;
        }
        catch (OperatorException e)
        {
            Assert.NotEqual("", e.Message);
            Assert.NotEqual("", e.Hint);
            return e;
        }
    }
}
