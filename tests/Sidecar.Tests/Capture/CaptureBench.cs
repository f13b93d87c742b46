using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Capture;

/// <summary>A place for one page-hash table, and captures into it.</summary>
internal sealed class CaptureBench : IDisposable
{
    private readonly ScratchVolume _volume = new();
    private ulong _position;

    public string TablePath => _volume.Elsewhere("pages.hashes");

    public string BuilderPath => TablePath + ".new";

    /// <summary>Against the table that is there, which the new one then replaces.</summary>
    public async Task<CaptureOutcome> CaptureAsync(IDatabaseImage image, int workers = 3, CancellationToken ct = default)
    {
        using var baseline = PageHashTable.TryOpen(TablePath);
        using var next = PageHashTableBuilder.Create(TablePath);
        var changed = new SortedDictionary<uint, byte[]>();
        var last = 0u;
        var fingerprint = await PageHashCapture.RunAsync(
            image,
            baseline,
            next,
            workers,
            chunk =>
            {
                foreach (var run in chunk.Changed)
                {
                    if (run.First <= last)
                    {
                        throw new InvalidOperationException($"Page {run.First} came after page {last}.");
                    }

                    last = (uint)(run.End - 1);
                    AddPages(changed, chunk, run, image.Facts.Shape.PageSizeBytes);
                }

                return ValueTask.CompletedTask;
            },
            ct);
        next.Commit(StateAt(++_position), image.Facts.Shape, fingerprint);
        return new CaptureOutcome(fingerprint, changed);
    }

    public static CaptureState StateAt(ulong position, WalCursor? log = null) => new(
        new RepositoryId(0xB2),
        new SourceId(0xA1),
        new Position(new TimelineId(0xC3), new TransactionId(position)),
        new PackId(0xD4 + position),
        new CapturedFile(5, 6, JournalMode.Wal, 7),
        log);

    public void Dispose() => _volume.Dispose();

    private static void AddPages(SortedDictionary<uint, byte[]> pages, PageChunk chunk, PageRun run, int pageSizeBytes)
    {
        var bytes = chunk.BytesOf(run).Span;
        var hashes = chunk.HashesOf(run).Span;
        for (var i = 0; i < run.Count; i++)
        {
            var page = run.First + (uint)i;
            pages.Add(page, bytes.Slice(i * pageSizeBytes, pageSizeBytes).ToArray());
            if (hashes[i] != PageHash.Of(page, pages[page]))
            {
                throw new InvalidOperationException($"The hash of page {page} is not that of its bytes.");
            }
        }
    }
}
