using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>What a writer announces: refused, lost, late, damaged, or said by two of one name.</summary>
public sealed class WriterAnnouncementTests : IDisposable
{
    private readonly WritersScene _writers = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CompactionScene App => _writers.App;

    private LeasedStore Store => _writers.Store;

    public void Dispose() => _writers.Dispose();

    [Fact]
    public async Task What_was_put_after_an_announcement_whose_answer_was_lost_does_not_count_by_it()
    {
        await App.CaptureAtAsync(0, 1);
        var former = await _writers.WriterAsync("former");
        Store.LosesAnswers = true;
        _ = await Assert.ThrowsAsync<StoreException>(async () => await former.ExecuteAsync("app", Ct));
        var announced = App.Newest;
        Store.LosesAnswers = false;
        _ = await _writers.WriterAsync("later");
        await App.CaptureAtAsync(2);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var catalog = await _writers.CatalogAsync();
        Assert.Equal(announced, catalog.Newest);
        Assert.Single(catalog.FencedObjects);
    }

    [Fact]
    public async Task An_announcement_that_was_refused_and_stands_all_the_same_is_believed_by_nobody()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var acknowledged = App.Newest;
        var later = await _writers.WriterAsync("later");
        await App.CaptureAtAsync(1);
        Store.OverwritesRefused = true;
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        Assert.Equal((acknowledged, acknowledged), ((await _writers.CatalogAsync()).Announced, (await _writers.CatalogAsync()).NewestListed));
        _ = await _writers.WriterAsync("later");
        Assert.Null((await later.ExecuteAsync("app", Ct)).Doubt);
    }

    [Fact]
    public async Task An_announcement_that_never_got_there_is_made_again_by_whoever_made_it()
    {
        await App.CaptureAtAsync(0);
        await (await _writers.WriterAsync("one")).ExecuteAsync("app", Ct);
        var again = await _writers.WriterAsync("one");
        await App.CaptureAtAsync(1);
        Store.LosesAnnouncements = true;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            _ = await Assert.ThrowsAsync<StoreException>(async () => await again.ExecuteAsync("app", Ct));
        }

        Store.LosesAnnouncements = false;
        Assert.Equal(App.Newest, (await again.ExecuteAsync("app", Ct)).Position);
        Assert.Equal(App.Newest, (await _writers.CatalogAsync()).Announced);
    }

    /// <summary>Google Drive has no condition on an update: what was given up as lost, and sent again, may arrive when more was announced since.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_older_announcement_that_comes_back_late_is_recognised_by_its_writer_and_overwritten(bool isStartedAnew)
    {
        await App.CaptureAtAsync(0);
        var writer = await _writers.WriterAsync("one");
        await writer.ExecuteAsync("app", Ct);
        var late = Store.Announced[1];
        await App.CaptureAtAsync(1);
        await writer.ExecuteAsync("app", Ct);
        Store.ComesLate(1, late);
        Assert.Equal(App.History[0].Position, (await _writers.CatalogAsync()).Announced);

        writer = isStartedAnew ? await _writers.WriterAsync("one") : writer;
        await App.CaptureAtAsync(4000);
        Assert.Equal(App.Newest, (await writer.ExecuteAsync("app", Ct)).Position);

        Assert.Equal(App.Newest, (await _writers.CatalogAsync()).Announced);
        _ = await _writers.WriterAsync("later");
        var catalog = await _writers.CatalogAsync();
        Assert.Empty(catalog.FencedObjects);
        Assert.All(App.History, captured => Assert.True(catalog.CanReach(captured.Position), $"{captured.Position}"));
    }

    /// <summary>What the documents say of it: nothing is deleted, and a check counts it.</summary>
    [Fact]
    public async Task Whoever_takes_over_while_an_older_announcement_stands_leaves_out_what_was_acknowledged_since()
    {
        await App.CaptureAtAsync(0);
        var writer = await _writers.WriterAsync("one");
        await writer.ExecuteAsync("app", Ct);
        var late = Store.Announced[1];
        await App.CaptureAtAsync(1);
        await writer.ExecuteAsync("app", Ct);
        Store.ComesLate(1, late);

        var later = await _writers.WriterAsync("later");

        var catalog = await _writers.CatalogAsync();
        Assert.Equal(App.History[0].Position, catalog.Newest);
        var left = Assert.Single(catalog.FencedObjects);
        Assert.Equal(App.Newest, (await later.ExecuteAsync("app", Ct)).Position);
        await later.TidyAsync(Ct);
        Assert.Contains(left.ToString(), Store.Objects.Names);
    }

    /// <summary>A cloned machine or volume: both hold the same lease, and no store can tell them apart.</summary>
    [Fact]
    public async Task Of_a_sidecar_and_a_copy_of_its_state_one_is_refused_and_nothing_that_either_was_acknowledged_is_lost()
    {
        await App.CaptureAtAsync(0);
        var one = await _writers.WriterAsync("twin");
        await one.ExecuteAsync("app", Ct);
        var other = await _writers.WriterAsync("twin");
        for (var second = 1; second < 6; second++)
        {
            await App.CaptureAtAsync(second);
            await one.ExecuteAsync("app", Ct);
        }

        await App.CaptureAtAsync(6);
        await other.ExecuteAsync("app", Ct);
        await App.CaptureAtAsync(7);
        await one.ExecuteAsync("app", Ct);
        await App.CaptureAtAsync(8);
        await other.ExecuteAsync("app", Ct);

        // It looks again.
        await App.CaptureAtAsync(4000);
        var e = await Assert.ThrowsAsync<LeaseHeldException>(async () => await one.ExecuteAsync("app", Ct));
        Assert.Contains("a copy of its state directory", e.Message, StringComparison.Ordinal);

        _ = await _writers.WriterAsync("later");
        var catalog = await _writers.CatalogAsync();
        Assert.All(App.History.Take(9), captured => Assert.True(catalog.CanReach(captured.Position), $"{captured.Position}"));
    }

    [Fact]
    public async Task A_damaged_announcement_is_a_doubt_of_readers_stops_who_begins_to_write_and_is_made_good_by_who_writes()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var file = Directory.EnumerateFiles(_writers.LeaseFolder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Single(path => path.EndsWith(".announced", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Ct);

        var catalog = await _writers.CatalogAsync();

        Assert.Contains("announcement of lease 1", Assert.Single(catalog.Doubts).Message, StringComparison.Ordinal);
        Assert.Equal(App.Newest, catalog.Newest);
        foreach (var name in (string[])["later", "former"])
        {
            var e = await Assert.ThrowsAsync<DocumentFormatException>(() => _writers.WriterAsync(name));
            Assert.Contains("announcement of lease 1", e.Message, StringComparison.Ordinal);
            Assert.Contains("make a new repository with 'repository add'", e.Hint, StringComparison.Ordinal);
        }

        await App.CaptureAtAsync(4000);
        await former.ExecuteAsync("app", Ct);
        _ = await _writers.WriterAsync("later");
        Assert.Equal(App.Newest, (await _writers.CatalogAsync()).Announced);
    }
}
