using BackupSidecar.Chain;
using BackupSidecar.Compaction;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Policies;
using BackupSidecar.Tests.Proof;
using BackupSidecar.Tests.Repository;
using BackupSidecar.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;

namespace BackupSidecar.Tests.Compaction;

/// <summary>A database that exists only as pages, captured straight into packs; every position's bytes are remembered.</summary>
internal sealed class CompactionScene : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<Position, byte[]> _images = [];
    private readonly ScratchDirectory _directory = new();
    private SourceRecord? _source;
    private int _restores;

    public MemoryStore Store { get; set; } = new();

    public string SourceName { get; init; } = "app";

    public SourceRecord Source => _source!;

    public FakeTimeProvider Time { get; } = new(Noon);

    public int PageSizeBytes { get; set; } = 512;

    /// <summary>The pages of the database now; page 1 is the first. Of the lock-byte page nothing is stored, whatever is here.</summary>
    public List<byte[]> Pages { get; set; } = [];

    public Position Newest => History.Count == 0 ? Position.None : History[^1].Position;

    /// <summary>Every position that was captured, with its time.</summary>
    public List<(Position Position, DateTimeOffset Time)> History { get; } = [];

    public HashSet<Position> Named { get; } = [];

    public CompactionOptions Options { get; init; } = new() { CreateSpool = () => new MemoryStream(), Policy = PolicyBench.FineLevels };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DatabaseShape Shape => new(PageSizeBytes, (uint)Pages.Count);

    public void Resize(int pageCount, Random random)
    {
        while (Pages.Count < pageCount)
        {
            Pages.Add(NewPage(random));
        }

        Pages = Pages[..pageCount];
    }

    public void Change(int page, Random random) => Pages[page - 1] = NewPage(random);

    public byte[] NewPage(Random random)
    {
        var page = new byte[PageSizeBytes];
        random.NextBytes(page.AsSpan(0, PageSizeBytes / 4));
        return page;
    }

    public byte[] ImageOf(Position position) => _images[position];

    public Task<Position> CaptureAsync() => CaptureAsync(Newest, History.Count == 0 ? RepositorySamples.Line : Newest.Timeline);

    /// <summary>Captures what changed since a position into a pack, and remembers the whole.</summary>
    /// <param name="from">None: a full.</param>
    /// <param name="timeline">Of the new position.</param>
    public async Task<Position> CaptureAsync(Position from, TimelineId timeline)
    {
        var to = new Position(timeline, new TransactionId((ulong)History.Count + 1));
        var (before, beforePages) = from.IsNone ? (new DatabaseShape(PageSizeBytes, 0), []) : (ShapeOf(from), PagesOf(_images[from], PageSizeBytes));
        await using var repository = await OpenAsync(Store);
        _source ??= await repository.RegisterSourceAsync(SourceName, Ct);
        var name = new PackName(_source.Id, from, to, UtcMicroseconds.From(Time.GetUtcNow()), PackId.New());
        var header = new PackHeader(repository.Id, name.Source, name.Pack, from, to, name.CaptureTimeMicroseconds, before, Shape, CompressionLevel.Light);
        await using var upload = await repository.StagePackAsync(name, Ct);
        await using var writer = new PackWriter(upload.Content, () => new MemoryStream(), header, 1);
        for (var page = 1U; page <= Pages.Count; page++)
        {
            var content = Pages[(int)page - 1];
            if (page != Shape.LockBytePage && (page > beforePages.Count || !content.AsSpan().SequenceEqual(beforePages[(int)page - 1])))
            {
                await writer.AddAsync(page, content, new[] { PageHash.Of(page, content) }, Ct);
            }
        }

        await writer.CompleteAsync(from.IsNone ? Fingerprint.None : FingerprintOf(before, beforePages), FingerprintOf(Shape, Pages), Ct);
        await upload.PublishAsync(Ct);
        _images[to] = [.. Pages.Select((content, i) => i + 1 == Shape.LockBytePage ? new byte[PageSizeBytes] : content).SelectMany(content => content)];
        History.Add((to, UtcMicroseconds.ToTime(name.CaptureTimeMicroseconds)));
        return to;
    }

    /// <summary>Publishes a pack that is whole and whose links fit at its start, but that leads to another database than was captured.</summary>
    public async Task ForgeAsync(Position from, Position to)
    {
        await using var repository = await OpenAsync(Store);
        var name = new PackName(_source!.Id, from, to, UtcMicroseconds.From(Time.GetUtcNow()), PackId.New());
        var header = new PackHeader(repository.Id, name.Source, name.Pack, from, to, name.CaptureTimeMicroseconds, ShapeOf(from), ShapeOf(to), CompressionLevel.Light);
        await using var upload = await repository.StagePackAsync(name, Ct);
        await using var writer = new PackWriter(upload.Content, () => new MemoryStream(), header, 1);
        var pages = PagesOf(_images[from], PageSizeBytes);
        var before = FingerprintOf(ShapeOf(from), pages);
        pages[0] = new byte[PageSizeBytes];
        await writer.AddAsync(1, pages[0], new[] { PageHash.Of(1, pages[0]) }, Ct);
        await writer.CompleteAsync(before, FingerprintOf(ShapeOf(to), pages), Ct);
        await upload.PublishAsync(Ct);
    }

    /// <summary>An empty repository in the place of the one that there was. Positions go on being numbered.</summary>
    public void LoseRepository()
    {
        Store = new MemoryStore();
        _source = null;
        Named.Clear();
    }

    /// <summary>Keeps the newest position by a manifest.</summary>
    public async Task NameAsync()
    {
        await using var repository = await OpenAsync(Store);
        var chain = (await repository.ReadCatalogAsync(_source!, Ct)).ChainTo(Newest);
        await using var reader = await ChainReader.OpenAsync(repository, chain, Ct);
        await repository.PublishManifestAsync(
            RepositorySamples.SampleBackup() with
            {
                RepositoryId = repository.Id,
                BackupId = BackupId.New(),
                Source = new ManifestSource(_source!.Id, SourceName, "/data/app.db", "web-1"),
                Position = Newest,
                Parent = null,
                CreatedAt = Time.GetUtcNow(),
                Shape = reader.Shape,
                Fingerprint = reader.Fingerprint,
                Pack = new ManifestPack(chain.Tip.Name, chain.Tip.Length, reader.Tip.Digest),
            },
            Ct);
        _ = Named.Add(Newest);
    }

    public ValueTask<BackupRepository> OpenAsync(IObjectStore store) =>
        BackupRepository.OpenForWritingAsync(store, "the proof", createIfMissing: true, Time, Ct);

    public async Task<SourceCatalog> CatalogAsync(IObjectStore? store = null) =>
        await (await BackupRepository.OpenForReadingAsync(store ?? Store, Ct)).ReadCatalogAsync(_source!, Ct);

    /// <summary>Captures at these seconds after noon, each with one page changed; the first is a full of 20 pages.</summary>
    public async Task CaptureAtAsync(params IEnumerable<double> seconds)
    {
        var random = new Random(7);
        foreach (var second in seconds)
        {
            Time.SetUtcNow(Noon.AddSeconds(second));
            Resize(Math.Max(20, Pages.Count), random);
            Change(1 + (History.Count % Pages.Count), random);
            await CaptureAsync();
        }
    }

    /// <summary>One compaction from a new listing; checks that the catalog that it kept up is what a listing shows.</summary>
    public async Task<CompactionResult> CompactAsync(IObjectStore? store = null)
    {
        await using var repository = await OpenAsync(store ?? Store);
        var catalog = await repository.ReadCatalogAsync(_source!, Ct);
        var follower = catalog.Copy();
        var result = await new CompactionRun(repository, Options, Time).ExecuteAsync(catalog, follower.Apply, Ct);
        var listed = await CatalogAsync();
        foreach (var followed in (SourceCatalog[])[catalog, follower])
        {
            Assert.Equal(listed.Packs, followed.Packs);
            Assert.Equal(listed.Tombstones.Select(tombstone => tombstone.Name), followed.Tombstones.Select(tombstone => tombstone.Name).OrderBy(name => name.ToString(), StringComparer.Ordinal));
            Assert.Equal(listed.Newest, followed.Newest);
            Assert.Equal(listed.NewestListed, followed.NewestListed);
        }

        return result;
    }

    /// <summary>Restores through the real run and compares.</summary>
    public async Task AssertRestoresAsync(IEnumerable<Position> positions)
    {
        var repository = await BackupRepository.OpenForReadingAsync(Store, Ct);
        foreach (var position in positions)
        {
            var path = _directory.Join($"restored-{++_restores}.db");
            var choice = new RestoreChoice(null, null, $"{position.Transaction}@{position.Timeline}", null);
            var options = new RestoreOptions { OutputPath = path, Choice = choice, SqliteChecks = false, Workers = 1 };
            await new RestoreRun(repository, options, Time, progress: null).ExecuteAsync(Ct);
            ProofScene.AssertEqual(_images[position], await File.ReadAllBytesAsync(path, Ct));
            File.Delete(path);
        }
    }

    /// <summary>Puts the position together in memory from its chain, checking all that a restore checks.</summary>
    public async Task AssertRebuildsAsync(SourceCatalog catalog, Position position, IObjectStore? store = null)
    {
        var repository = await BackupRepository.OpenForReadingAsync(store ?? Store, Ct);
        await using var chain = await ChainReader.OpenAsync(repository, catalog.ChainTo(position), Ct);
        var image = new byte[chain.Shape.Bytes];
        var (stored, raw) = (new byte[BlockEntry.RawLengthMax], new byte[BlockEntry.RawLengthMax]);
        using var decoder = new BlockDecoder();
        await foreach (var block in chain.ChooseAsync(Ct))
        {
            await block.Pack.ReadBlockAsync(block.Entry, stored, Ct);
            decoder.Decode(block.Entry, stored.AsSpan(0, block.Entry.StoredLength), raw, block.Pack.Name);
            foreach (var run in block.Chosen)
            {
                raw.AsSpan(run.Index * block.PageSizeBytes, (int)run.Pages.Count * block.PageSizeBytes).CopyTo(image.AsSpan((int)chain.Shape.OffsetOf(run.Pages.First)));
            }
        }

        ProofScene.AssertEqual(_images[position], image);
    }

    public async Task<VerifyResult> VerifyAsync(VerifyLevel level = VerifyLevel.Data)
    {
        var repository = await BackupRepository.OpenForReadingAsync(Store, Ct);
        return await new VerifyRun(repository, new VerifyOptions { Level = level, ScratchDirectory = _directory.FullPath, Workers = 1 }, Time, progress: null).ExecuteAsync(Ct);
    }

    public void Dispose() => _directory.Dispose();

    private DatabaseShape ShapeOf(Position position) => new(PageSizeBytes, (uint)(_images[position].Length / PageSizeBytes));

    private static List<byte[]> PagesOf(byte[] image, int pageSizeBytes) => [.. image.Chunk(pageSizeBytes)];

    private static Fingerprint FingerprintOf(DatabaseShape shape, List<byte[]> pages) => Fingerprint.Of(
        shape,
        pages.Select((content, i) => (Page: (uint)i + 1, Content: content))
            .Where(page => page.Page != shape.LockBytePage)
            .Aggregate(UInt128.Zero, (sum, page) => unchecked(sum + PageHash.Of(page.Page, page.Content).Value)));
}
