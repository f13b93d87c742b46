using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Repository;

/// <summary>Labels, pins and deletions, which manifests never hear of.</summary>
public sealed class BackupKeepingTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(UtcMicroseconds.ToTime(Noon));
    private readonly MemoryStore _store = new();
    private BackupRepository _repository = null!;
    private BackupKeeping _keeping = null!;
    private SourceRecord _source = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _keeping.Dispose();
        await _repository.DisposeAsync();
    }

    [Fact]
    public async Task Labels_and_a_pin_take_the_place_of_what_was_there_and_leave_one_mark()
    {
        var (old, _) = await StartAsync();

        _ = await _keeping.UpdateAsync("app", old, ["first"], pinned: null, Ct);
        _ = await _keeping.UpdateAsync("app", old, labels: null, pinned: true, Ct);
        var updated = await _keeping.UpdateAsync("app", old[..8], ["second", "third"], pinned: null, Ct);

        Assert.Equal((true, "second, third"), (updated.IsPinned, string.Join(", ", updated.Labels)));
        var again = await _keeping.FindAsync("app", old, Ct);
        Assert.Equal((true, "second, third", null), (again.IsPinned, string.Join(", ", again.Labels), again.DeletedAt));
        _ = Assert.Single((await CatalogAsync()).Marks);
        Assert.Equal(old, (await ByLabelAsync("third")).Backup!.Value.Name.Backup.ToString());
        _ = await Assert.ThrowsAsync<OperatorException>(() => ByLabelAsync("first"));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_does_not_bring_old_labels_back()
    {
        var (old, _) = await StartAsync();
        _ = await _keeping.UpdateAsync("app", old, ["first"], pinned: null, Ct);
        using var early = new BackupKeeping(_repository, TimeSpan.FromDays(7), new FakeTimeProvider(UtcMicroseconds.ToTime(Noon).AddDays(-1)));

        _ = await early.UpdateAsync("app", old, ["second"], pinned: null, Ct);

        Assert.Equal(["second"], (await _keeping.FindAsync("app", old, Ct)).Labels);
    }

    [Fact]
    public async Task A_deleted_backup_can_be_brought_back_until_its_grace_is_over_and_then_goes()
    {
        var (old, newest) = await StartAsync();
        var deleted = await _keeping.DeleteAsync("app", old, Ct);
        Assert.Equal(_time.GetUtcNow().AddDays(7), _keeping.EndOf(deleted));
        Assert.Equal([newest], (await CatalogAsync()).LastingManifests().Select(entry => entry.Name.Backup.ToString()));
        Assert.Equal(2, (await CatalogAsync()).Manifests.Count);
        var catalog = await CatalogAsync();
        var selected = Assert.Throws<OperatorException>(() => new RestorePointSelector(catalog).ByBackup(old));
        Assert.Contains("undelete", selected.Hint, StringComparison.Ordinal);

        _ = await _keeping.UndeleteAsync("app", old, Ct);
        Assert.Equal(2, (await CatalogAsync()).LastingManifests().Count());
        _ = await _keeping.DeleteAsync("app", old, Ct);
        var again = await _keeping.DeleteAsync("app", old, Ct);
        _time.Advance(TimeSpan.FromDays(6.9));
        Assert.Equal((0, _keeping.EndOf(again)), await _keeping.SweepAsync(_source, Ct));
        _time.Advance(TimeSpan.FromDays(0.2));
        Assert.Equal((1, null), await _keeping.SweepAsync(_source, Ct));

        var left = await CatalogAsync();
        Assert.Equal((newest, 0, 2), (Assert.Single(left.Manifests).Name.Backup.ToString(), left.Marks.Count, left.Packs.Count));
        Assert.Equal(BackupRefusal.NotFound, (await Assert.ThrowsAsync<BackupRefusedException>(async () => await _keeping.UndeleteAsync("app", old, Ct))).Refusal);
    }

    [Fact]
    public async Task Neither_a_pinned_backup_nor_the_newest_that_restores_is_deleted()
    {
        var (old, newest) = await StartAsync();
        _ = await _keeping.UpdateAsync("app", old, labels: null, pinned: true, Ct);

        Assert.Equal(BackupRefusal.Pinned, (await RefusedAsync(old)).Refusal);
        Assert.Equal(BackupRefusal.LastProof, (await RefusedAsync(newest)).Refusal);
        Assert.Equal(BackupRefusal.NotFound, (await RefusedAsync("ffffffff")).Refusal);
        _ = await _keeping.UpdateAsync("app", old, labels: null, pinned: false, Ct);
        _ = await _keeping.DeleteAsync("app", old, Ct);
        Assert.Equal(BackupRefusal.Deleted, (await Assert.ThrowsAsync<BackupRefusedException>(async () => await _keeping.UpdateAsync("app", old, ["x"], null, Ct))).Refusal);
        Assert.Equal(BackupRefusal.NotDeleted, (await Assert.ThrowsAsync<BackupRefusedException>(async () => await _keeping.UndeleteAsync("app", newest, Ct))).Refusal);
    }

    [Fact]
    public async Task A_deleted_backup_stays_when_the_one_that_stood_for_it_is_lost()
    {
        var (old, newest) = await StartAsync();
        _ = await _keeping.DeleteAsync("app", old, Ct);
        var catalog = await CatalogAsync();
        await _repository.DeletePackAsync(catalog.Packs.Single(pack => pack.Name.To == catalog.Manifests.Single(entry => entry.Name.Backup.ToString() == newest).Name.Position).Name, Ct);
        _time.Advance(TimeSpan.FromDays(8));

        Assert.Equal(0, (await _keeping.SweepAsync(_source, Ct)).Ended);

        Assert.Contains((await CatalogAsync()).Manifests, entry => entry.Name.Backup.ToString() == old);
    }

    [Fact]
    public async Task A_deleted_backup_stays_when_all_that_restore_are_older_than_it()
    {
        var (_, middle) = await StartAsync();
        var newest = await PublishAsync(2, 3);
        _ = await _keeping.DeleteAsync("app", middle, Ct);
        var catalog = await CatalogAsync();
        await _repository.DeletePackAsync(catalog.Packs.Single(pack => pack.Name.To == catalog.Manifests.Single(entry => entry.Name.Backup.ToString() == newest).Name.Position).Name, Ct);
        _time.Advance(TimeSpan.FromDays(8));

        var (ended, next) = await _keeping.SweepAsync(_source, Ct);

        Assert.Equal((0, _time.GetUtcNow().AddDays(1)), (ended, next));
        Assert.Contains((await CatalogAsync()).Manifests, entry => entry.Name.Backup.ToString() == middle);
    }

    [Fact]
    public async Task Damaged_labels_are_said_and_never_lost_in_silence()
    {
        var (old, _) = await StartAsync();
        _ = await _keeping.UpdateAsync("app", old, ["keep me"], pinned: null, Ct);
        var mark = Assert.Single((await CatalogAsync()).Marks).ToObjectName();
        _store.Flip(mark.ToString(), 40, 1);

        Assert.NotNull((await _keeping.FindAsync("app", old, Ct)).Problem);
        _ = await Assert.ThrowsAsync<DocumentFormatException>(async () => await _keeping.UpdateAsync("app", old, labels: null, pinned: true, Ct));
        Assert.Equal(["new"], (await _keeping.UpdateAsync("app", old, ["new"], pinned: true, Ct)).Labels);
    }

    private async Task<BackupRefusedException> RefusedAsync(string id) => await Assert.ThrowsAsync<BackupRefusedException>(async () => await _keeping.DeleteAsync("app", id, Ct));

    private async Task<RestorePoint> ByLabelAsync(string label)
    {
        var catalog = await CatalogAsync();
        return await new RestorePointSelector(catalog).ByLabelAsync(label, (entry, ct) => KeptBackup.ReadLabelsAsync(_repository, catalog, entry, ct), Ct);
    }

    private ValueTask<SourceCatalog> CatalogAsync() => _repository.ReadCatalogAsync(_source, Ct);

    private async Task<(string Old, string Newest)> StartAsync()
    {
        _repository = await BackupRepository.OpenForWritingAsync(_store, "the test", createIfMissing: true, _time, Ct);
        _keeping = new BackupKeeping(_repository, TimeSpan.FromDays(7), _time);
        _source = await _repository.RegisterSourceAsync("app", Ct);
        return (await PublishAsync(0, 1), await PublishAsync(1, 2));
    }

    private Task<string> PublishAsync(ulong from, ulong to) => PublishBackupAsync(_repository, _source, from, to);
}
