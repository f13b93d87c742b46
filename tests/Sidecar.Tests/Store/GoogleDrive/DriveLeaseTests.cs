using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Tests.Compaction;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>A take-over in Drive is two requests: a lease is created, then the one before is closed. Whoever dies between them leaves no lease under which something is acknowledged that a fence takes out.</summary>
public sealed class DriveLeaseTests : IAsyncLifetime
{
    private static readonly LeaseHolder Old = new("old", "host-1", "state-1", DateTimeOffset.UnixEpoch);
    private static readonly LeaseHolder Young = new("young", "host-2", "state-2", DateTimeOffset.UnixEpoch);
    private static readonly LeaseHolder Third = new("third", "host-3", "state-3", DateTimeOffset.UnixEpoch);

    private readonly RepositoryId _id = RepositoryId.New();
    private DriveScene _scene = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Who_died_before_the_former_lease_was_closed_closes_it_when_he_goes_on()
    {
        var former = await TakeOverHalfwayAsync();

        var again = await TakeAsync("young again", Young, takeOver: false);

        Assert.Equal(2, again.Number);
        await AssertRefusedAsync(former);
        await again.ConfirmAsync(SampleSource, At(3), CompactionScene.Noon, Ct);
    }

    [Fact]
    public async Task Who_died_before_the_former_lease_was_closed_and_was_taken_over_left_it_to_be_closed_by_the_next_one()
    {
        var former = await TakeOverHalfwayAsync();

        var third = await TakeAsync("third", Third, takeOver: true);

        Assert.Equal(3, third.Number);
        await AssertRefusedAsync(former);
        await third.ConfirmAsync(SampleSource, At(3), CompactionScene.Noon, Ct);
    }

    [Fact]
    public async Task Closing_costs_one_look_where_it_was_done_before()
    {
        _ = await TakeAsync("old", Old, takeOver: false);
        _ = await TakeAsync("young", Young, takeOver: true);
        _scene.Wire.Clear();

        _ = await TakeAsync("young again", Young, takeOver: false);

        Assert.DoesNotContain(_scene.Wire.Sent, request => request.StartsWith("PATCH", StringComparison.Ordinal));
    }

    /// <returns>The lease that was to be taken over, of a writer that knows nothing of it.</returns>
    private async Task<WriterLease> TakeOverHalfwayAsync()
    {
        var former = await TakeAsync("old", Old, takeOver: false);
        await former.ConfirmAsync(SampleSource, At(1), CompactionScene.Noon, Ct);
        _scene.Wire.Cut(request => request.Method == HttpMethod.Patch, times: 100);
        _ = await Assert.ThrowsAsync<DriveCallException>(async () => await TakeAsync("young", Young, takeOver: true));
        _scene.Wire.Clear();
        return former;
    }

    private static async Task AssertRefusedAsync(WriterLease former) => await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ConfirmAsync(SampleSource, At(2), CompactionScene.Noon, Ct));

    private async Task<WriterLease> TakeAsync(string machine, LeaseHolder holder, bool takeOver)
    {
        var store = _scene.Open(machine);
        return await WriterLease.TakeAsync(store, store, _id, holder, takeOver, Ct);
    }
}
