using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Repository;

/// <summary>Who may write to a repository that several machines can reach. Times differ on purpose: none of them decides.</summary>
public sealed class WriterLeaseTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LeaseHolder Web = new("web", "host-1", "state-1", Noon);
    private static readonly LeaseHolder WebElsewhere = new("web", "host-2", "state-2", Noon.AddYears(-3));
    private static readonly LeaseHolder Renamed = new("other", "host-3", "state-1", Noon);
    private static readonly LeaseHolder Stranger = new("stranger", "host-4", "state-4", Noon.AddYears(3));

    private static readonly SourceId App = SampleSource;

    private readonly ScratchDirectory _directory = new();
    private readonly FileSystemStore _store;
    private readonly RepositoryId _id = RepositoryId.New();

    public WriterLeaseTests() => _store = new FileSystemStore(_directory.FullPath);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_same_state_directory_goes_on_with_its_lease_whatever_its_name()
    {
        var first = await TakeAsync(Web);
        var again = await TakeAsync(Renamed);

        Assert.Equal((1, 1), (first.Number, again.Number));
        await first.ConfirmAsync(App, At(1), Noon, Ct);
        await again.ConfirmAsync(App, At(2), Noon, Ct);
    }

    [Fact]
    public async Task The_same_instance_on_another_host_takes_over_and_the_former_one_confirms_nothing_more()
    {
        var first = await TakeAsync(Web);
        await first.ConfirmAsync(App, At(1), Noon, Ct);

        var second = await TakeAsync(WebElsewhere);

        Assert.Equal(2, second.Number);
        var e = await Assert.ThrowsAsync<LeaseHeldException>(async () => await first.ConfirmAsync(App, At(2), Noon, Ct));
        Assert.Contains("was taken over by 'web' on host host-2", e.Message, StringComparison.Ordinal);
        await second.ConfirmAsync(App, At(2), Noon, Ct);
    }

    [Fact]
    public async Task Anybody_else_is_refused_with_the_holders_name_until_told_to_take_over()
    {
        var first = await TakeAsync(Web);

        var refused = await Assert.ThrowsAsync<LeaseHeldException>(async () => await TakeAsync(Stranger));
        Assert.Equal(FailureKind.Locked, refused.Kind);
        Assert.Contains("is written by 'web' on host host-1, since 2026-03-01 12:00:00Z.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("take-over", refused.Hint, StringComparison.Ordinal);
        await first.ConfirmAsync(App, At(1), Noon, Ct);

        var second = await TakeAsync(Stranger, takeOver: true);
        Assert.Equal(2, second.Number);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await first.ConfirmAsync(App, At(2), Noon, Ct));
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await TakeAsync(Web));
        Assert.Equal(Stranger, await WriterLease.FindHolderAsync(_store, _id, "here", Ct));
    }

    [Fact]
    public async Task Of_many_that_come_at_once_one_gets_it()
    {
        var holders = Enumerable.Range(0, 20).Select(i => new LeaseHolder($"n{i}", "host", $"s{i}", Noon)).ToList();

        var taken = await Task.WhenAll(holders.Select(holder => Task.Run(async () =>
        {
            try
            {
                return await TakeAsync(holder);
            }
            catch (LeaseHeldException)
            {
                return null;
            }
        }, Ct)));

        Assert.Equal(1, Assert.Single(taken, lease => lease is not null)!.Number);
    }

    [Fact]
    public async Task A_lease_of_another_repository_is_refused()
    {
        _ = await TakeAsync(Web);

        _ = await Assert.ThrowsAsync<DocumentFormatException>(async () => await WriterLease.TakeAsync(_store, _store, RepositoryId.New(), Web, takeOver: true, Ct));
    }

    [Fact]
    public async Task Whoever_takes_over_knows_what_was_announced_before_and_how_far_each_lease_counts()
    {
        var first = await TakeAsync(Web);
        await first.ConfirmAsync(App, At(1), Noon, Ct);
        await first.ConfirmAsync(App, At(2), Noon, Ct);
        var counted = first.Stamp with { Announcement = first.Stamp.Announcement - 1 };

        _ = await TakeAsync(WebElsewhere);
        var third = await TakeAsync(Stranger, takeOver: true);

        Assert.Equal(At(2), third.NewestOf(App));
        Assert.True(third.Fences.Counts(counted));
        Assert.False(third.Fences.Counts(first.Stamp));
        Assert.False(third.Fences.Counts(new WriterStamp(2, 3)));
        Assert.True(third.Fences.Counts(third.Stamp));
        Assert.True(third.Fences.Counts(default));
        Assert.Equal(At(2), (await WriterLease.ReadAnnouncementAsync(_store, third.Fences, _id, "here", Ct))!.Newest[App]);
    }

    [Fact]
    public async Task A_new_process_goes_on_with_a_number_that_its_predecessor_cannot_have_announced()
    {
        var first = await TakeAsync(Web);
        await first.ConfirmAsync(App, At(1), Noon, Ct);

        // In flight when the process died; it arrives after the next one has begun.
        var late = first.Stamp;
        var again = await TakeAsync(Web);
        await first.ConfirmAsync(App, At(2), Noon, Ct);

        Assert.True(again.Stamp.Announcement > late.Announcement);
        Assert.Equal(At(1), again.NewestOf(App));
    }

    /// <summary>As where the directory was emptied, or a volume is mounted in its place.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_writes_while_the_leases_are_removed_is_told_so_and_acknowledges_nothing(bool isToLook)
    {
        var lease = await TakeAsync(Web);
        await lease.ConfirmAsync(App, At(1), Noon, Ct);
        Directory.Delete(Leases, recursive: true);
        if (isToLook)
        {
            lease.LookBeforeNext();
        }

        var e = await Assert.ThrowsAsync<LeaseHeldException>(async () => await lease.ConfirmAsync(App, At(2), Noon, Ct));

        Assert.Equal($"The leases of {_store.Location} are gone: it was emptied or replaced, or its volume is not mounted.", e.Message);
        Assert.Contains("Bring it back", e.Hint, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Leases));
    }

    private string Leases => _directory.Join(".leases");

    private async Task<WriterLease> TakeAsync(LeaseHolder holder, bool takeOver = false) => await WriterLease.TakeAsync(_store, _store, _id, holder, takeOver, Ct);
}
