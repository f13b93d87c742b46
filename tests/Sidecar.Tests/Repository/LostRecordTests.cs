using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Repository;

/// <summary>A source whose record is lost is neither gone nor new: a second history under its name would hide the first.</summary>
public sealed class LostRecordTests
{
    private readonly MemoryStore _store = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("app")]
    [InlineData("shop")]
    public async Task No_source_is_registered_while_something_is_stored_of_one_whose_record_is_lost(string name)
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        _ = await PublishAsync(repository, "other");
        _store.Remove("sources/app.json");

        var failure = await Assert.ThrowsAsync<OperatorException>(async () => await repository.RegisterSourceAsync(name, Ct));

        Assert.Equal(FailureKind.VerificationFailed, failure.Kind);
        Assert.Contains($"{app.Id} ('app', /data/app.db on web-1)", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"repository repair-source --id {app.Id} --source app", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(["other"], await repository.ListSourceNamesAsync(Ct));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("app")]
    public async Task Who_looks_for_it_is_not_told_that_there_is_no_source_yet(string? name)
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        _store.Remove("sources/app.json");

        var failure = await Assert.ThrowsAsync<OperatorException>(async () => await repository.FindSourceAsync(name, Ct));

        Assert.Equal(FailureKind.VerificationFailed, failure.Kind);
        Assert.Contains(app.Id.ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_that_is_left_is_not_taken_for_the_one_that_was_meant()
    {
        await using var repository = await OpenAsync();
        _ = await PublishAsync(repository, "app");
        var shop = await PublishAsync(repository, "shop");
        _store.Remove("sources/app.json");

        var failure = await Assert.ThrowsAsync<OperatorException>(async () => await repository.FindSourceAsync(name: null, Ct));

        Assert.Equal(FailureKind.VerificationFailed, failure.Kind);
        Assert.Contains("'shop' is meant", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(shop, await repository.FindSourceAsync("shop", Ct));
    }

    [Fact]
    public async Task A_repository_with_the_same_history_brings_the_record_back()
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        _store.Remove("sources/app.json");

        Assert.Equal(app.Id, (await repository.RegisterSourceAsync(new SourceRecord(app.Id, "app"), Ct)).Id);
        Assert.Equal(app.Id, (await repository.FindSourceAsync(name: null, Ct)).Id);
    }

    [Fact]
    public async Task The_record_is_written_anew_as_the_newest_backup_tells()
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        _store.Remove("sources/app.json");

        var repaired = await repository.RepairSourceAsync(id: null, name: null, Ct);

        Assert.Equal(new SourceRecord(app.Id, "app", new SourcePlace("/data/app.db", "web-1")), repaired);
        Assert.Equal(repaired, await repository.FindSourceAsync(name: null, Ct));
        Assert.Equal(FailureKind.Failed, (await Assert.ThrowsAsync<OperatorException>(async () => await repository.RepairSourceAsync(id: null, name: null, Ct))).Kind);
    }

    /// <summary>As programs before this one made it: the name was given to a second history.</summary>
    [Fact]
    public async Task A_name_that_was_taken_meanwhile_is_not_given_twice()
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        var second = new SourceRecord(SourceId.New(), "app");
        _store.Replace("sources/app.json", SourceRecordCodec.ToBytes(second, repository.Id));

        Assert.Contains("--source", (await Assert.ThrowsAsync<OperatorException>(async () => await repository.RepairSourceAsync(id: null, name: null, Ct))).Hint, StringComparison.Ordinal);
        Assert.Equal("app-before", (await repository.RepairSourceAsync(app.Id, "app-before", Ct)).Name);
        Assert.Equal(second, await repository.FindSourceAsync("app", Ct));
        Assert.Equal(app.Id, (await repository.FindSourceAsync("app-before", Ct)).Id);
    }

    [Fact]
    public async Task Where_no_backup_tells_the_name_it_is_asked_for()
    {
        await using var repository = await OpenAsync();
        var app = await PublishAsync(repository, "app");
        _store.Remove("sources/app.json");
        foreach (var manifest in _store.Names.Where(name => name.StartsWith("manifests/", StringComparison.Ordinal)).ToList())
        {
            _store.Remove(manifest);
        }

        Assert.Contains("tells its name", (await Assert.ThrowsAsync<OperatorException>(async () => await repository.RepairSourceAsync(id: null, name: null, Ct))).Message, StringComparison.Ordinal);
        Assert.Equal(new SourceRecord(app.Id, "app"), await repository.RepairSourceAsync(id: null, "app", Ct));
    }

    /// <summary>Its own users are told of it.</summary>
    [Fact]
    public async Task A_damaged_record_is_no_lost_one_to_the_others()
    {
        await using var repository = await OpenAsync();
        _ = await PublishAsync(repository, "app");
        _store.Flip("sources/app.json", 20, 1);

        Assert.Equal("shop", (await repository.RegisterSourceAsync("shop", Ct)).Name);
        await Assert.ThrowsAsync<DocumentFormatException>(async () => await repository.RegisterSourceAsync("app", Ct));
    }

    private ValueTask<BackupRepository> OpenAsync() => BackupRepository.OpenForWritingAsync(_store, "the test", createIfMissing: true, TimeProvider.System, Ct);

    private static async Task<SourceRecord> PublishAsync(BackupRepository repository, string name)
    {
        var source = await repository.RegisterSourceAsync(name, Ct);
        _ = await PublishBackupAsync(repository, source, 0, 1);
        return source;
    }
}
