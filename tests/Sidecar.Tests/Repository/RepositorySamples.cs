using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Repository;

/// <summary>Fixed values, so that names and documents are the same in every run.</summary>
internal static class RepositorySamples
{
    public const long Noon = 1_780_000_000_123_456;

    public static readonly SourceId SampleSource = new(0xA1);
    public static readonly RepositoryId SampleRepository = new(0xB2);
    public static readonly TimelineId Line = new(0xC3);
    public static readonly TimelineId OtherLine = new(0xD4);

    public static SourceRecord SampleRecord { get; } = new(SampleSource, "app");

    public static Position At(ulong transaction) => At(transaction, Line);

    public static Position At(ulong transaction, TimelineId timeline) =>
        transaction == 0 ? Position.None : new Position(timeline, new TransactionId(transaction));

    /// <summary>A pack captured <paramref name="to"/> seconds after noon; its id is <paramref name="id"/>.</summary>
    public static PackEntry PackOf(ulong from, ulong to, uint id = 0xF0) => PackOf(At(from), At(to), id);

    public static PackEntry PackOf(Position from, Position to, uint id = 0xF0) =>
        new(new PackName(SampleSource, from, to, Noon + ((long)to.Transaction.Value * 1_000_000), new PackId(id)), 1000);

    public static ManifestEntry ManifestOf(ulong position, UInt128 backup, long secondsAfterNoon) =>
        new(new ManifestName(SampleSource, At(position), Noon + (secondsAfterNoon * 1_000_000), new BackupId(backup), Sha256Digest.Of([1])), 100);

    public static SourceCatalog CatalogOf(IEnumerable<PackEntry> packs, params IEnumerable<ManifestEntry> manifests) =>
        new(SampleRecord, packs, manifests, [], "memory");

    public static BackupManifest SampleBackup() => new()
    {
        RepositoryId = SampleRepository,
        BackupId = new BackupId(0xE5),
        Source = new ManifestSource(SampleSource, "app", "/data/app.db", "web-1"),
        Position = At(2),
        Parent = At(1, OtherLine),
        CreatedAt = UtcMicroseconds.ToTime(Noon),
        Shape = new DatabaseShape(4096, 1000),
        Fingerprint = new Fingerprint(0x1234),
        Changed = true,
        Pack = new ManifestPack(PackOf(1, 2).Name, 12345, Sha256Digest.Of([2])),
        Labels = ["before upgrade", "größer"],
        Database = new DatabaseFacts("wal", 3053004, "page hashes"),
        Stats = new BackupStats(1000, 3, 12345, 250, 40),
        ProgramVersion = "0.1.0",
    };

    /// <summary>A backup with a pack of its own, made as many seconds after noon as its position has.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> PublishBackupAsync(BackupRepository repository, SourceRecord source, ulong from, ulong to, params string[] labels)
    {
        var name = PackOf(from, to).Name with { Source = source.Id, Pack = new PackId(to) };
        await using (var upload = await repository.StagePackAsync(name, CancellationToken.None))
        {
            await upload.Content.WriteAsync(new byte[] { 1, 2, 3 });
            await upload.PublishAsync(CancellationToken.None);
        }

        var sample = SampleBackup();
        var manifest = sample with
        {
            RepositoryId = repository.Id,
            BackupId = BackupId.New(),
            Source = sample.Source with { Id = source.Id, Name = source.Name },
            Position = name.To,
            CreatedAt = UtcMicroseconds.ToTime(Noon).AddSeconds(to),
            Pack = sample.Pack with { Name = name },
            Labels = labels,
        };
        _ = await repository.PublishManifestAsync(manifest, CancellationToken.None);
        return manifest.BackupId.ToString();
    }
}
