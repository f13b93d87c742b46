using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Xunit;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;

namespace BackupSidecar.Tests.Repository;

/// <summary>Who may write to a repository that several machines can reach. Times differ on purpose: none of them decides.</summary>
public sealed class WriterLeaseTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LeaseHolder Web = new("web", "host-1", "state-1", Noon);
    private static readonly LeaseHolder WebElsewhere = new("web", "host-2", "state-2", Noon.AddYears(-3));
    private static readonly LeaseHolder Renamed = new("other", "host-3", "state-1", Noon);
    private static readonly LeaseHolder Stranger = new("stranger", "host-4", "state-4", Noon.AddYears(3));

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
        await first.ConfirmAsync("app: 1", Ct);
        await again.ConfirmAsync("app: 2", Ct);
    }

    [Fact]
    public async Task The_same_instance_on_another_host_takes_over_and_the_former_one_confirms_nothing_more()
    {
        var first = await TakeAsync(Web);
        await first.ConfirmAsync("app: 1", Ct);

        var second = await TakeAsync(WebElsewhere);

        Assert.Equal(2, second.Number);
        var e = await Assert.ThrowsAsync<LeaseHeldException>(async () => await first.ConfirmAsync("app: 2", Ct));
        Assert.Contains("was taken over by 'web' on host host-2", e.Message, StringComparison.Ordinal);
        await second.ConfirmAsync("app: 2", Ct);
    }

    [Fact]
    public async Task Anybody_else_is_refused_with_the_holders_name_until_told_to_take_over()
    {
        var first = await TakeAsync(Web);

        var refused = await Assert.ThrowsAsync<LeaseHeldException>(async () => await TakeAsync(Stranger));
        Assert.Equal(FailureKind.Locked, refused.Kind);
        Assert.Contains("is written by 'web' on host host-1, since 2026-03-01 12:00:00Z.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("take-over", refused.Hint, StringComparison.Ordinal);
        await first.ConfirmAsync("app: 1", Ct);

        var second = await TakeAsync(Stranger, takeOver: true);
        Assert.Equal(2, second.Number);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await first.ConfirmAsync("app: 2", Ct));
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

        _ = await Assert.ThrowsAsync<DocumentFormatException>(async () => await WriterLease.TakeAsync(_store, RepositoryId.New(), "here", Web, takeOver: true, Ct));
    }

    private async Task<WriterLease> TakeAsync(LeaseHolder holder, bool takeOver = false) => await WriterLease.TakeAsync(_store, _id, "here", holder, takeOver, Ct);
}
