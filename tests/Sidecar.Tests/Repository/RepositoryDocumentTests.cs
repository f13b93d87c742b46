using System.Text;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Repository;

/// <summary>What a repository and each of its sources say of themselves: byte for byte as ever, and never believed when damaged.</summary>
public sealed class RepositoryDocumentTests
{
    private readonly MemoryStore _store = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_flipped_bit_of_config_and_source_record_is_found()
    {
        await using (var repository = await CreateAsync(_store))
        {
            await repository.RegisterSourceAsync("app", Ct);
        }

        foreach (var name in _store.Names)
        {
            for (var bit = 0; bit < _store.Read(name).Length * 8; bit++)
            {
                var damaged = _store.Copy();
                damaged.Flip(name, bit / 8, (byte)(1 << (bit % 8)));

                var e = await Assert.ThrowsAsync<DocumentFormatException>(async () =>
                    await (await BackupRepository.OpenForReadingAsync(damaged, Ct)).FindSourceAsync("app", Ct));

                Assert.Contains(name, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_way_to_cut_config_or_source_record_short_is_found()
    {
        await using (var repository = await CreateAsync(_store))
        {
            await repository.RegisterSourceAsync("app", Ct);
        }

        foreach (var name in _store.Names)
        {
            for (var length = 0; length < _store.Read(name).Length; length++)
            {
                var damaged = _store.Copy();
                damaged.Replace(name, _store.Read(name)[..length]);

                await Assert.ThrowsAsync<DocumentFormatException>(async () =>
                    await (await BackupRepository.OpenForReadingAsync(damaged, Ct)).FindSourceAsync("app", Ct));
            }
        }
    }

    [Fact]
    public async Task A_record_of_another_repository_or_source_is_refused()
    {
        var other = new MemoryStore();
        await using (var repository = await CreateAsync(other))
        {
            await repository.RegisterSourceAsync("app", Ct);
            await repository.RegisterSourceAsync("shop", Ct);
        }

        await using var own = await CreateAsync(_store);
        _store.Replace("sources/app.json", other.Read("sources/app.json"));
        other.Replace("sources/shop.json", other.Read("sources/app.json"));

        var foreign = await Assert.ThrowsAsync<DocumentFormatException>(async () => await own.FindSourceAsync("app", Ct));
        var reader = await BackupRepository.OpenForReadingAsync(other, Ct);
        var renamed = await Assert.ThrowsAsync<DocumentFormatException>(async () => await reader.FindSourceAsync("shop", Ct));
        Assert.Contains("belongs to repository", foreign.Message, StringComparison.Ordinal);
        Assert.Contains("record of source 'app'", renamed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_of_a_newer_version_says_so()
    {
        var bytes = SealedDocument.Seal(new ConfigDocument(2, SampleRepository.ToString(), "2030", SealedDocument.Unsealed), DocumentJson.Default.ConfigDocument);

        var e = Assert.Throws<DocumentFormatException>(() => RepositoryConfig.Parse(bytes, "memory"));

        Assert.Contains("format version 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_and_source_record_are_written_as_from_the_first_version()
    {
        var golden = Path.Join(AppContext.BaseDirectory, "Repository", "Golden");
        var config = new RepositoryConfig(SampleRepository, Noon);

        Assert.Equal(File.ReadAllText(Path.Join(golden, "repository-v1.json")), Encoding.UTF8.GetString(config.ToBytes()));
        Assert.Equal(File.ReadAllText(Path.Join(golden, "source-v1.json")), Encoding.UTF8.GetString(SourceRecordCodec.ToBytes(SampleRecord, SampleRepository)));
        Assert.Equal(config, RepositoryConfig.Parse(File.ReadAllBytes(Path.Join(golden, "repository-v1.json")), "memory"));
        Assert.Equal(SampleRecord, SourceRecordCodec.Parse(File.ReadAllBytes(Path.Join(golden, "source-v1.json")), "app", SampleRepository, "memory"));
    }

    [Fact]
    public void A_source_record_with_its_place_is_written_as_in_the_second_version()
    {
        var golden = Path.Join(AppContext.BaseDirectory, "Repository", "Golden", "source-v2.json");
        var record = SampleRecord with { Place = new SourcePlace("/data/app.db", "host-1") };

        Assert.Equal(File.ReadAllText(golden), Encoding.UTF8.GetString(SourceRecordCodec.ToBytes(record, SampleRepository)));
        Assert.Equal(record, SourceRecordCodec.Parse(File.ReadAllBytes(golden), "app", SampleRepository, "memory"));
    }

    private static ValueTask<BackupRepository> CreateAsync(MemoryStore store) =>
        BackupRepository.OpenForWritingAsync(store, "me", createIfMissing: true, new FakeTimeProvider(UtcMicroseconds.ToTime(Noon)), Ct);
}
