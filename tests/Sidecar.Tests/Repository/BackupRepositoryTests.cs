using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;

namespace BackupSidecar.Tests.Repository;

public sealed class BackupRepositoryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(UtcMicroseconds.ToTime(Noon));
    private readonly MemoryStore _store = new();
    private readonly ScratchDirectory _directory = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_backup_is_read_as_it_was_published()
    {
        RepositoryId id;
        BackupManifest written;
        ManifestEntry entry;
        await using (var repository = await CreateAsync(_store))
        {
            id = repository.Id;
            var source = await repository.RegisterSourceAsync("app", Ct);
            written = await PublishPackAsync(repository, source);
            entry = await repository.PublishManifestAsync(written, Ct);
        }

        var reader = await BackupRepository.OpenForReadingAsync(_store.Another(), Ct);
        var record = await reader.FindSourceAsync(name: null, Ct);
        var catalog = await reader.ReadCatalogAsync(record, Ct);
        var manifest = await reader.ReadManifestAsync(Assert.Single(catalog.Manifests), Ct);
        await using var pack = await reader.OpenPackAsync(Assert.Single(catalog.Packs).Name, Ct);
        var bytes = new byte[pack.Length];
        await pack.ReadAsync(0, bytes, Ct);

        Assert.Equal(id, reader.Id);
        Assert.Equal(entry, catalog.Manifests[0]);
        Assert.Equal(written with { Labels = manifest.Labels }, manifest);
        Assert.Equal([1, 2, 3], bytes);
        Assert.Equal(3, catalog.Packs[0].Length);
        Assert.Empty(catalog.UnknownObjects);
    }

    [Fact]
    public async Task A_discarded_pack_and_a_registered_source_are_all_that_a_failed_backup_leaves()
    {
        await using var repository = await CreateAsync(_store);
        var source = await repository.RegisterSourceAsync("app", Ct);
        await using (var upload = await repository.StagePackAsync(PackOf(0, 1).Name with { Source = source.Id }, Ct))
        {
            await upload.Content.WriteAsync(new byte[10], Ct);
        }

        Assert.Equal(["repository.json", "sources/app.json"], _store.Names);
    }

    [Fact]
    public async Task No_repository_is_told_apart_from_an_unreadable_one()
    {
        var faulty = new FaultyStore(_store, Fault.PermissionLost(1));
        var missing = new FileSystemStore(_directory.Join("missing"));

        var empty = await Assert.ThrowsAsync<OperatorException>(async () => await BackupRepository.OpenForReadingAsync(_store, Ct));
        var nowhere = await Assert.ThrowsAsync<OperatorException>(async () => await BackupRepository.OpenForReadingAsync(missing, Ct));
        var notCreated = await Assert.ThrowsAsync<OperatorException>(async () => await BackupRepository.OpenForWritingAsync(missing, "me", createIfMissing: false, _time, Ct));
        var unreadable = await Assert.ThrowsAsync<StoreException>(async () => await BackupRepository.OpenForReadingAsync(faulty, Ct));

        Assert.Equal(FailureKind.RepositoryMissing, empty.Kind);
        Assert.Equal(FailureKind.RepositoryMissing, nowhere.Kind);
        Assert.Equal(FailureKind.RepositoryMissing, notCreated.Kind);
        Assert.Contains(missing.Location, nowhere.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Failed, unreadable.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.FullPath));
        Assert.Empty(_store.Names);
    }

    [Theory]
    [InlineData("app.db")]
    [InlineData(".bashrc")]
    [InlineData("my photos/one.jpg")]
    [InlineData("photos/one two.jpg")]
    [InlineData("packs/notes.txt")]
    public async Task A_directory_that_holds_something_else_never_becomes_a_repository(string foreign)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.Join(foreign))!);
        await File.WriteAllTextAsync(_directory.Join(foreign), "mine", Ct);
        var before = Directory.GetFileSystemEntries(_directory.FullPath, "*", SearchOption.AllDirectories);

        var e = await Assert.ThrowsAsync<OperatorException>(async () => await CreateAsync(new FileSystemStore(_directory.FullPath)));

        Assert.Equal(FailureKind.Failed, e.Kind);
        Assert.Contains(foreign.Split('/')[0], e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_directory.FullPath, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_fresh_volume_becomes_a_repository()
    {
        Directory.CreateDirectory(_directory.Join("lost+found"));

        await using var repository = await CreateAsync(new FileSystemStore(_directory.FullPath));

        Assert.Equal(repository.Id, (await BackupRepository.OpenForReadingAsync(new FileSystemStore(_directory.FullPath), Ct)).Id);
    }

    [Fact]
    public async Task A_repository_that_lost_its_config_is_damaged_and_not_missing()
    {
        await using (var repository = await CreateAsync(_store))
        {
            await repository.RegisterSourceAsync("app", Ct);
        }

        _store.Remove("repository.json");

        var reading = await Assert.ThrowsAsync<OperatorException>(async () => await BackupRepository.OpenForReadingAsync(_store, Ct));
        var writing = await Assert.ThrowsAsync<OperatorException>(async () => await CreateAsync(_store));
        Assert.Equal(FailureKind.VerificationFailed, reading.Kind);
        Assert.Equal(FailureKind.VerificationFailed, writing.Kind);
        Assert.Contains("repository.json", reading.Message, StringComparison.Ordinal);
        Assert.Equal(["sources/app.json"], _store.Names);
    }

    [Fact]
    public async Task Opening_again_keeps_the_id_and_writes_nothing()
    {
        RepositoryId id;
        await using (var first = await CreateAsync(_store))
        {
            id = first.Id;
        }

        var bytes = _store.Read("repository.json");
        await using var second = await CreateAsync(_store);

        Assert.Equal(id, second.Id);
        Assert.Equal(bytes, _store.Read("repository.json"));
    }

    [Fact]
    public async Task A_second_writer_is_refused_while_readers_are_not()
    {
        await using var first = await CreateAsync(_store);

        await Assert.ThrowsAsync<StoreLockedException>(async () => await CreateAsync(_store.Another()));
        await BackupRepository.OpenForReadingAsync(_store.Another(), Ct);
    }

    [Fact]
    public async Task Many_who_register_one_name_at_once_get_one_source()
    {
        await using var repository = await CreateAsync(new FileSystemStore(_directory.Join("repository")));

        var records = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => repository.RegisterSourceAsync("app", Ct).AsTask(), Ct)));

        Assert.Single(records.Distinct());
        Assert.Equal(records[0], Assert.Single(await repository.ListSourcesAsync(Ct)));
    }

    [Fact]
    public async Task Which_source_is_meant_is_never_guessed()
    {
        await using var repository = await CreateAsync(_store);
        var none = await Assert.ThrowsAsync<OperatorException>(async () => await repository.FindSourceAsync(name: null, Ct));
        var app = await repository.RegisterSourceAsync("app", Ct);
        Assert.Equal(app, await repository.FindSourceAsync(name: null, Ct));
        await repository.RegisterSourceAsync("shop", Ct);

        var several = await Assert.ThrowsAsync<OperatorException>(async () => await repository.FindSourceAsync(name: null, Ct));
        var unknown = await Assert.ThrowsAsync<OperatorException>(async () => await repository.FindSourceAsync("App", Ct));

        Assert.Contains("no source yet", none.Message, StringComparison.Ordinal);
        Assert.Contains("app, shop", several.Hint, StringComparison.Ordinal);
        Assert.Contains("app, shop", unknown.Hint, StringComparison.Ordinal);
        Assert.Equal(app, await repository.FindSourceAsync("app", Ct));
    }

    [Fact]
    public async Task A_damaged_record_hinders_no_other_source()
    {
        await using var repository = await CreateAsync(_store);
        var app = await repository.RegisterSourceAsync("app", Ct);
        await repository.RegisterSourceAsync("shop", Ct);
        _store.Flip("sources/shop.json", 20, 1);

        Assert.Equal(app, await repository.FindSourceAsync("app", Ct));
        await Assert.ThrowsAsync<DocumentFormatException>(async () => await repository.FindSourceAsync("shop", Ct));
        await Assert.ThrowsAsync<DocumentFormatException>(async () => await repository.RegisterSourceAsync("shop", Ct));
    }

    [Fact]
    public async Task Objects_whose_names_say_nothing_are_kept_for_the_report()
    {
        await using var repository = await CreateAsync(_store);
        var source = await repository.RegisterSourceAsync("app", Ct);
        _store.Replace($"packs/{source.Id}/stray.pack", [1]);
        _store.Replace($"manifests/{source.Id}/stray.json", [1]);

        var catalog = await repository.ReadCatalogAsync(source, Ct);

        Assert.Equal([$"manifests/{source.Id}/stray.json", $"packs/{source.Id}/stray.pack"], catalog.UnknownObjects.Select(name => name.ToString()));
    }

    [Fact]
    public async Task A_manifest_too_large_to_be_one_is_not_read()
    {
        await using var repository = await CreateAsync(_store);
        var entry = ManifestOf(1, 1, 0);
        _store.Replace(entry.Name.ToString(), new byte[ManifestCodec.LengthMax + 1]);

        await Assert.ThrowsAsync<DocumentFormatException>(async () => await repository.ReadManifestAsync(entry, Ct));
    }

    [Theory]
    [InlineData(nameof(FaultMoment.Before))]
    [InlineData(nameof(FaultMoment.Midway))]
    [InlineData(nameof(FaultMoment.After))]
    public async Task Killed_at_every_store_call_the_next_run_publishes_its_backup(string momentName)
    {
        var moment = Enum.Parse<FaultMoment>(momentName);
        for (var call = 1; ; call++)
        {
            var place = new MemoryStore();
            var faulty = new FaultyStore(place, Fault.Kill(call, moment));
            var killed = await KilledAsync(faulty);

            await RunAsync(place);
            var reader = await BackupRepository.OpenForReadingAsync(place, Ct);
            var catalog = await reader.ReadCatalogAsync(await reader.FindSourceAsync("app", Ct), Ct);
            Assert.NotEmpty(catalog.Manifests);
            foreach (var manifest in catalog.Manifests)
            {
                // Pack before manifest: whoever sees the manifest sees its pack.
                Assert.Contains((await reader.ReadManifestAsync(manifest, Ct)).Pack.Name, catalog.Packs.Select(pack => pack.Name));
            }

            if (!killed)
            {
                Assert.True(call > 10, $"only {call} store calls");
                return;
            }
        }
    }

    [Fact]
    public async Task Every_fault_is_an_operator_error_and_the_next_run_works()
    {
        for (var call = 1; ; call++)
        {
            var struck = false;
            foreach (var fault in (Fault[])[Fault.NoSpace(call), Fault.PermissionLost(call), Fault.InputOutputError(call, FaultMoment.After), Fault.Vanish(call)])
            {
                var place = new MemoryStore();
                var faulty = new FaultyStore(place, fault);
                try
                {
                    await RunAsync(faulty);
                }
                catch (OperatorException)
                {
                    Assert.True(faulty.Struck);
                }

                struck |= faulty.Struck;
                await RunAsync(place);
            }

            if (!struck)
            {
                return;
            }
        }
    }

    private ValueTask<BackupRepository> CreateAsync(IObjectStore store) =>
        BackupRepository.OpenForWritingAsync(store, "test", createIfMissing: true, _time, Ct);

    private async Task<bool> KilledAsync(FaultyStore store)
    {
        try
        {
            await RunAsync(store);
            return false;
        }
        catch (SimulatedKillException)
        {
            return true;
        }
    }

    private async Task RunAsync(IObjectStore store)
    {
        await using var repository = await CreateAsync(store);
        var source = await repository.RegisterSourceAsync("app", Ct);
        await repository.PublishManifestAsync(await PublishPackAsync(repository, source), Ct);
    }

    private static async Task<BackupManifest> PublishPackAsync(BackupRepository repository, SourceRecord source)
    {
        var name = PackOf(0, 2).Name with { Source = source.Id, Pack = PackId.New() };
        await using var upload = await repository.StagePackAsync(name, Ct);
        await upload.Content.WriteAsync(new byte[] { 1, 2, 3 }, Ct);
        await upload.PublishAsync(Ct);
        return SampleBackup() with
        {
            RepositoryId = repository.Id,
            BackupId = BackupId.New(),
            Source = SampleBackup().Source with { Id = source.Id },
            Pack = new ManifestPack(name, 3, Sha256Digest.Of([1, 2, 3])),
        };
    }
}
