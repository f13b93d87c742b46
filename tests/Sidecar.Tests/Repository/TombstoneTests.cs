using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Repository;

public sealed class TombstoneTests
{
    private static readonly Tombstone Sample = new(
        new TombstoneName(SampleSource, Noon, new Id128<TombstoneKind>(0xE6)), [PackOf(1, 2).Name, PackOf(2, 3).Name]);

    private static string Golden => Path.Join(AppContext.BaseDirectory, "Repository", "Golden", "tombstone-v1.json");

    [Fact]
    public void A_tombstone_is_written_as_from_the_first_version()
    {
        Assert.Equal(File.ReadAllText(Golden), Encoding.UTF8.GetString(TombstoneCodec.ToBytes(Sample, SampleRepository)));

        var read = TombstoneCodec.Parse(File.ReadAllBytes(Golden), Sample.Name, SampleRepository, "memory");
        Assert.Equal(Sample.Name, read.Name);
        Assert.Equal(Sample.Packs, read.Packs);
        Assert.Equal($"tombstones/{SampleSource}/{Noon:x16}-{new string('0', 30)}e6.json", Sample.Name.ToString());
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var bytes = TombstoneCodec.ToBytes(Sample, SampleRepository);
        for (var i = 0; i < bytes.Length * 8; i++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            Assert.Throws<DocumentFormatException>(() => TombstoneCodec.Parse(flipped, Sample.Name, SampleRepository, "memory"));
        }
    }

    [Fact]
    public void A_tombstone_of_something_else_is_refused()
    {
        var bytes = TombstoneCodec.ToBytes(Sample, SampleRepository);

        AssertRefused(Sample.Name, new Id128<RepositoryKind>(0x99), bytes);
        AssertRefused(Sample.Name with { CreatedAtMicroseconds = Noon + 1 }, SampleRepository, bytes);
        AssertRefused(Sample.Name with { Tombstone = new Id128<TombstoneKind>(1) }, SampleRepository, bytes);
        AssertRefused(Sample.Name with { Source = new Id128<SourceKind>(1) }, SampleRepository, bytes);
        AssertRefused(
            Sample.Name, SampleRepository, TombstoneCodec.ToBytes(Sample with { Packs = [PackOf(1, 2).Name with { Source = new Id128<SourceKind>(1) }] }, SampleRepository));

        static void AssertRefused(TombstoneName name, Id128<RepositoryKind> repository, byte[] bytes) =>
            Assert.Throws<DocumentFormatException>(() => TombstoneCodec.Parse([.. bytes], name, repository, "memory"));
    }

    [Fact]
    public void The_largest_tombstone_stays_below_what_a_reader_reads()
    {
        var packs = Enumerable.Range(1, Tombstone.PacksMax).Select(i => PackOf((ulong)i, (ulong)i + 1).Name).ToList();

        Assert.InRange(TombstoneCodec.ToBytes(Sample with { Packs = packs }, SampleRepository).Length, 1, TombstoneCodec.LengthMax);
    }

    [Fact]
    public void Every_name_parses_to_itself_and_nothing_else_does()
    {
        Gen.Select(Gen.ULong[1, ulong.MaxValue], Gen.Long[0, Noon * 2], Gen.ULong[1, ulong.MaxValue]).Sample((source, time, id) =>
        {
            var name = new TombstoneName(new Id128<SourceKind>(source), time, new Id128<TombstoneKind>(id));
            Assert.True(TombstoneName.TryParse(name.ToObjectName(), out var parsed));
            Assert.Equal(name, parsed);
        });
        var text = Sample.Name.ToString();
        foreach (var other in (string[])[text.Replace("e6", "E6", StringComparison.Ordinal), text + ".json", text[..^5], text.Replace("tombstones", "packs", StringComparison.Ordinal), text.Replace("-", "--", StringComparison.Ordinal)])
        {
            Assert.False(TombstoneName.TryParse(ObjectName.Parse(other), out _), other);
        }
    }

    [Fact]
    public async Task Sweeping_deletes_the_packs_and_then_the_tombstone_and_can_be_repeated()
    {
        var ct = TestContext.Current.CancellationToken;
        var store = new MemoryStore();
        await using var repository = await BackupRepository.OpenForWritingAsync(store, "a test", createIfMissing: true, new FakeTimeProvider(), ct);
        var source = await repository.RegisterSourceAsync("app", ct);
        var packs = new[] { PackOf(0, 1), PackOf(1, 2), PackOf(0, 2) }.Select(pack => pack.Name with { Source = source.Id }).ToList();
        foreach (var pack in packs)
        {
            await using var upload = await repository.StagePackAsync(pack, ct);
            await upload.PublishAsync(ct);
        }

        var tombstone = await repository.PublishTombstoneAsync(source.Id, packs[..2], UtcMicroseconds.ToTime(Noon), ct);
        var catalog = await repository.ReadCatalogAsync(source, ct);
        Assert.Equal(tombstone.Packs, Assert.Single(catalog.Tombstones).Packs);
        Assert.True(catalog.IsTombstoned(packs[1]));

        await repository.SweepAsync(tombstone, ct);
        await repository.SweepAsync(tombstone, ct);
        catalog = await repository.ReadCatalogAsync(source, ct);
        Assert.Empty(catalog.Tombstones);
        Assert.Equal(packs[2..], catalog.Packs.Select(pack => pack.Name));
        Assert.Empty(catalog.UnknownObjects);
    }
}
