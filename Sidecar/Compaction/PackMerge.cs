using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>Merges consecutive packs into one: pages in page order, the newest pack that holds a page gives it, and what lies past the final page count is dropped.</summary>
/// <remarks>
/// (1) The packs are opened; names, headers and the links between them are checked. (2) Their indexes are walked side by side. (3) Blocks that give
/// a page are read once, decoded, and every page compared with its hash. (4) The pages are packed, where each block is decoded and compared again.
/// (5) Packs from nothing on must add up to the fingerprint of their position; a changeset carries the fingerprints of its ends over.
/// With a base, which may lie in another repository, pages that it has already are left out; its hashes must add up to its own fingerprint.
/// Memory: for each input a piece of its index of up to 1 MiB, as <see cref="Policies.CompactionPolicy.InputCost"/> says, the decoded blocks of all of
/// them (<see cref="DecodedBlocks"/>), and the blocks of the writer. It does not grow with the database.
/// </remarks>
internal sealed class PackMerge(CompactionOptions options, TimeProvider time)
{
    private readonly IoPace _pace = new(options.BytesPerSecond, time);

    /// <summary>Read and written so far.</summary>
    public long Bytes => _pace.Bytes;

    /// <param name="repository">Where the packs lie; the target may lie in another one.</param>
    /// <param name="packs">Oldest first.</param>
    /// <param name="target">Where the new pack goes. Its content is worthless unless the call returns.</param>
    /// <param name="ct">Ends the merge.</param>
    /// <exception cref="PackFormatException">A pack is damaged, or does not continue the one before.</exception>
    public async ValueTask<ManifestPack> RunAsync(IRepositoryReader repository, IReadOnlyList<PackEntry> packs, MergeTarget target, CancellationToken ct)
    {
        // (1)
        await using var inputs = await OpenAsync(repository, packs, ct);
        await using var onto = target.Base is { } given ? await OpenAsync(given.Repository, given.Packs, ct) : null;
        var summary = await WriteAsync(inputs, onto, target, ct);
        return new ManifestPack(target.Name, summary.Length, summary.Digest);
    }

    /// <summary>What <see cref="RunAsync"/> would take of these packs onto that base, before compression. Reads indexes alone.</summary>
    /// <exception cref="PackFormatException">As of the other one.</exception>
    public async ValueTask<long> CountDifferentBytesAsync(IRepositoryReader repository, IReadOnlyList<PackEntry> packs, MergeBase given, CancellationToken ct)
    {
        await using var inputs = await OpenAsync(repository, packs, ct);
        await using var onto = await OpenAsync(given.Repository, given.Packs, ct);
        var shape = inputs.Last.Header.ShapeAfter;
        var known = new BasePages(await MergeWalk.BeginAsync(onto, static _ => ValueTask.CompletedTask), onto.Last.Header.ShapeAfter.PageCount);
        var walk = await MergeWalk.BeginAsync(inputs, static _ => ValueTask.CompletedTask);
        var pages = 0L;
        while (await walk.NextAsync() is { } input && input.Page <= shape.PageCount)
        {
            pages += await known.HasAsync(input.Page, input.Hash) ? 0 : 1;
        }

        return pages * shape.PageSizeBytes;
    }

    private async ValueTask<MergeInputs> OpenAsync(IRepositoryReader from, IReadOnlyList<PackEntry> packs, CancellationToken ct)
    {
        var inputs = new MergeInputs();
        try
        {
            foreach (var entry in packs)
            {
                var pack = await inputs.AddAsync(from, entry.Name, ct);
                await _pace.CountAsync(PackHeader.Size + PackTrailer.Size + pack.Trailer.IndexLength, ct);
            }

            return inputs;
        }
        catch
        {
            await inputs.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<PackSummary> WriteAsync(MergeInputs inputs, MergeInputs? onto, MergeTarget target, CancellationToken ct)
    {
        var (first, last, name) = (inputs.First, inputs.Last, target.Name);
        var (shapeBefore, before) = onto is null
            ? (first.Header.ShapeBefore, first.Trailer.FingerprintBefore)
            : (onto.Last.Header.ShapeAfter, onto.Last.Trailer.FingerprintAfter);
        var header = new PackHeader(
            target.Repository, name.Source, name.Pack, name.From, name.To, name.CaptureTimeMicroseconds, shapeBefore, last.Header.ShapeAfter, last.Header.Compression)
        {
            FencingNumber = (ulong)name.Stamp.Lease,
        };
        await using var writer = new PackWriter(target.Content, options.CreateSpool, header, options.Encoders);

        // (2) to (4)
        var known = onto is null ? null : new BasePages(await MergeWalk.BeginAsync(onto, static _ => ValueTask.CompletedTask), shapeBefore.PageCount);
        var found = await CopyAsync(inputs, header.ShapeAfter, known, writer, ct);

        // (5)
        if (first.Header.IsFull)
        {
            found.EnsureAddsUpTo(last);
        }

        if (onto is not null)
        {
            (await known!.CompleteAsync()).EnsureAddsUpTo(onto.Last);
        }

        var summary = await writer.CompleteAsync(before, last.Trailer.FingerprintAfter, ct);
        await _pace.CountAsync(summary.Length, ct);
        return summary;
    }

    private async ValueTask<PageTotals> CopyAsync(MergeInputs inputs, DatabaseShape shape, BasePages? known, PackWriter writer, CancellationToken ct)
    {
        var stored = new byte[BlockEntry.RawLengthMax];
        using var decoder = new BlockDecoder();
        var decoded = new DecodedBlocks(options.DecodedBytesMax);
        var totals = default(PageTotals);
        var run = default(Run);

        // A run ends with its block, before the block's buffer is used again.
        var walk = await MergeWalk.BeginAsync(inputs, async left =>
        {
            if (run.Input == left)
            {
                await FlushAsync(run);
                run = default;
            }
        });
        while (await walk.NextAsync() is { } input && input.Page <= shape.PageCount)
        {
            totals = totals.Add(input.Hash);
            if (known is not null && await known.HasAsync(input.Page, input.Hash))
            {
                continue;
            }

            if (!run.TryExtend(input))
            {
                await FlushAsync(run);
                run = new Run(input, input.Page, input.Index, 1);
            }
        }

        await FlushAsync(run);
        run = default;
        await walk.CompleteAsync();
        return totals;

        async ValueTask FlushAsync(Run full)
        {
            if (full.Input is { } from)
            {
                var before = from.BufferBytes;
                var raw = await from.ReadBlockAsync(stored, decoder, _pace, ct);
                decoded.Count(from, before);
                await writer.AddAsync(
                    full.FirstPage,
                    raw.Slice(full.Index * shape.PageSizeBytes, full.Count * shape.PageSizeBytes),
                    from.Block.Hashes.AsMemory(full.Index, full.Count),
                    ct);
            }
        }
    }

    /// <summary>Consecutive pages that stand one after the other in a block of an input.</summary>
    private record struct Run(MergeInput? Input, uint FirstPage, int Index, int Count)
    {
        public bool TryExtend(MergeInput input)
        {
            if (Input != input || FirstPage + (uint)Count != input.Page || Index + Count != input.Index)
            {
                return false;
            }

            Count++;
            return true;
        }
    }
}
