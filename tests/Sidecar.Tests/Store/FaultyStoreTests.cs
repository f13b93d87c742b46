using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store;

/// <summary>The fault injector itself: proofs stand on it.</summary>
public sealed class FaultyStoreTests : IDisposable
{
    private static readonly ObjectName Name = ObjectName.Parse("a");

    private readonly ScratchDirectory _directory = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Calls_are_counted_and_named()
    {
        var store = new FaultyStore(new MemoryStore(), fault: null);

        await RunAsync(store);

        Assert.Equal(["lock", "stage a", "write a", "publish a", "list ", "open a", "read a", "delete a", "find foreign"], store.Log);
        Assert.Equal(9, store.Calls);
        Assert.False(store.Struck);
    }

    [Theory]
    [InlineData(nameof(FaultMoment.Before))]
    [InlineData(nameof(FaultMoment.Midway))]
    [InlineData(nameof(FaultMoment.After))]
    public async Task After_a_kill_at_any_call_the_next_run_finds_lock_and_store_free(string momentName)
    {
        var moment = Enum.Parse<FaultMoment>(momentName);
        for (var call = 1; ; call++)
        {
            var place = new FileSystemStore(_directory.Join($"{moment}-{call}"));
            var faulty = new FaultyStore(place, Fault.Kill(call, moment));
            try
            {
                await RunAsync(faulty);
                Assert.False(faulty.Struck);
                Assert.Equal(10, call);
                return;
            }
            catch (SimulatedKillException)
            {
                Assert.True(faulty.Killed);
            }

            await Assert.ThrowsAsync<SimulatedKillException>(async () => await faulty.OpenAsync(Name, Ct));
            Directory.CreateDirectory(place.Location);
            await place.DeleteAsync(Name, Ct);
            await RunAsync(place);
            Assert.Empty(Directory.EnumerateFiles(Path.Join(place.Location, ".staging")));
        }
    }

    [Fact]
    public async Task A_kill_leaves_the_staged_file_as_a_dead_process_does()
    {
        var place = new FileSystemStore(_directory.Join("store"));
        var faulty = new FaultyStore(place, Fault.Kill(2, FaultMoment.Midway));

        var staged = await faulty.StageAsync(Name, Ct);
        await Assert.ThrowsAsync<SimulatedKillException>(async () => await staged.Content.WriteAsync(new byte[100], Ct));
        await staged.DisposeAsync();

        var left = Assert.Single(Directory.GetFiles(Path.Join(place.Location, ".staging")));
        Assert.Equal(50, new FileInfo(left).Length);
    }

    [Fact]
    public async Task A_kill_after_publishing_leaves_the_object()
    {
        var inner = new MemoryStore();
        var faulty = new FaultyStore(inner, Fault.Kill(4, FaultMoment.After));

        await Assert.ThrowsAsync<SimulatedKillException>(() => RunAsync(faulty));

        Assert.Equal(["a"], inner.Names);
    }

    [Fact]
    public async Task Lasting_faults_last_and_others_strike_once()
    {
        var full = new FaultyStore(new MemoryStore(), Fault.NoSpace(1));
        var once = new FaultyStore(new MemoryStore(), Fault.InputOutputError(1, FaultMoment.Before));

        await Assert.ThrowsAsync<StoreException>(async () => await full.StageAsync(Name, Ct));
        await Assert.ThrowsAsync<StoreException>(async () => await full.StageAsync(Name, Ct));
        await Assert.ThrowsAsync<StoreException>(async () => await once.LockForWritingAsync("me", Ct));
        await RunAsync(once);
    }

    [Fact]
    public async Task What_vanished_stays_gone()
    {
        var inner = new MemoryStore();
        var other = ObjectName.Parse("b");
        await PutAsync(inner, Name);
        await PutAsync(inner, other);
        var vanished = new FaultyStore(inner, Fault.Vanish(1));

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await vanished.OpenAsync(Name, Ct));
        await (await vanished.OpenAsync(other, Ct)).DisposeAsync();
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await vanished.OpenAsync(Name, Ct));
    }

    private static async Task PutAsync(IObjectStore store, ObjectName name)
    {
        await using var staged = await store.StageAsync(name, Ct);
        await staged.Content.WriteAsync(new byte[] { 1, 2, 3 }, Ct);
        await staged.PublishAsync(Ct);
    }

    private static async Task RunAsync(IObjectStore store)
    {
        await using var held = await store.LockForWritingAsync("me", Ct);
        await PutAsync(store, Name);

        Assert.Single(await store.ListAsync("", Ct).ToListAsync(Ct));
        await using (var stored = await store.OpenAsync(Name, Ct))
        {
            await stored.ReadAsync(0, new byte[3], Ct);
        }

        await store.DeleteAsync(Name, Ct);
        Assert.Null(await store.FindForeignAsync(Ct));
    }
}
