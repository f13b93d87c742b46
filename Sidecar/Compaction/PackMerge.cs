using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>Merges consecutive packs into one: pages in page order, the newest pack that holds a page gives it, and what lies past the final page count is dropped.</summary>
/// <remarks>
/// (1) The packs are opened; names, headers and the links between them are checked. (2) Their indexes are walked side by side. (3) Blocks that give
/// a page are read once, decoded, and every page compared with its hash. (4) The pages are packed, where each block is decoded and compared again.
/// (5) A full must add up to the fingerprint of its position; a changeset carries the fingerprints of its ends over.
/// Memory: for each input a piece of its index of up to 1 MiB, as <see cref="Policies.CompactionPolicy.InputCost"/> says, the decoded blocks of all of
/// them (<see cref="DecodedBlocks"/>), and the blocks of the writer. It does not grow with the database.
/// </remarks>
internal sealed class PackMerge(BackupRepository repository, CompactionOptions options, TimeProvider time)
{
    private readonly IoPace _pace = new(options.BytesPerSecond, time);

    /// <summary>Read and written so far.</summary>
    public long Bytes => _pace.Bytes;

    /// <param name="packs">Oldest first.</param>
    /// <param name="ct">Ends the merge; nothing of it is visible then.</param>
    /// <returns>The published pack and the digest that its trailer ends with.</returns>
    /// <exception cref="PackFormatException">A pack is damaged, or does not continue the one before. Nothing was published.</exception>
    public async ValueTask<ManifestPack> RunAsync(IReadOnlyList<PackEntry> packs, CancellationToken ct)
    {
        var inputs = new List<MergeInput>();
        try
        {
            // (1)
            foreach (var entry in packs)
            {
                inputs.Add(await OpenAsync(entry.Name, inputs.Count, ct));
                EnsureContinues(inputs);
            }

            var name = packs[^1].Name with { From = packs[0].Name.From, Pack = PackId.New() };
            await using var upload = await repository.StagePackAsync(name, ct);
            var summary = await WriteAsync(inputs, name, upload.Content, ct);
            await upload.PublishAsync(ct);
            return new ManifestPack(name, summary.Length, summary.Digest);
        }
        finally
        {
            foreach (var input in inputs)
            {
                await input.DisposeAsync();
            }
        }
    }

    private async ValueTask<MergeInput> OpenAsync(PackName name, int age, CancellationToken ct)
    {
        var stored = await repository.OpenPackAsync(name, ct);
        try
        {
            var reader = await ChainReader.ReadAsync(repository, stored, name, ct);
            await _pace.CountAsync(PackHeader.Size + PackTrailer.Size + reader.Trailer.IndexLength, ct);
            return new MergeInput(stored, reader, age, ct);
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    private static void EnsureContinues(List<MergeInput> inputs)
    {
        if (inputs.Count > 1)
        {
            ChainReader.EnsureContinues(inputs[^1].Pack, inputs[^2].Pack);
        }
    }

    private async ValueTask<PackSummary> WriteAsync(List<MergeInput> inputs, PackName name, Stream output, CancellationToken ct)
    {
        var (first, last) = (inputs[0].Pack, inputs[^1].Pack);
        var header = new PackHeader(
            repository.Id, name.Source, name.Pack, name.From, name.To, name.CaptureTimeMicroseconds, first.Header.ShapeBefore, last.Header.ShapeAfter, last.Header.Compression);
        await using var writer = new PackWriter(output, options.CreateSpool, header, options.Encoders);

        // (2) to (4)
        var sum = await CopyAsync(inputs, header.ShapeAfter, writer, ct);

        // (5)
        if (header.IsFull)
        {
            EnsureAddsUp(header.ShapeAfter, sum, writer.PageCount, last);
        }

        var summary = await writer.CompleteAsync(first.Trailer.FingerprintBefore, last.Trailer.FingerprintAfter, ct);
        await _pace.CountAsync(summary.Length, ct);
        return summary;
    }

    private async ValueTask<UInt128> CopyAsync(List<MergeInput> inputs, DatabaseShape shape, PackWriter writer, CancellationToken ct)
    {
        var stored = new byte[BlockEntry.RawLengthMax];
        using var decoder = new BlockDecoder();
        var decoded = new DecodedBlocks(options.DecodedBytesMax);
        var sum = UInt128.Zero;
        var run = default(Run);

        // The newest of those that stand at one page comes first.
        var queue = new PriorityQueue<MergeInput, (uint Page, int Age)>();
        foreach (var input in inputs)
        {
            await EnqueueNextAsync(queue, input);
        }

        while (queue.TryDequeue(out var input, out _))
        {
            var page = input.Page;
            if (page <= shape.PageCount)
            {
                if (!run.TryExtend(input))
                {
                    await FlushAsync(run);
                    run = new Run(input, page, input.Index, 1);
                }

                sum = unchecked(sum + input.Hash.Value);
            }

            // What older packs say of this page is not wanted. A run ends with its block, before the block's buffer is used again.
            while (queue.TryPeek(out var older, out var at) && at.Page == page)
            {
                _ = queue.Dequeue();
                await EnqueueNextAsync(queue, older, BeforeBlockChanges);
            }

            await EnqueueNextAsync(queue, input, BeforeBlockChanges);
        }

        await FlushAsync(run);
        return sum;

        async ValueTask BeforeBlockChanges(MergeInput input)
        {
            if (run.Input == input)
            {
                await FlushAsync(run);
                run = default;
            }
        }

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

    private static async ValueTask EnqueueNextAsync(PriorityQueue<MergeInput, (uint Page, int Age)> queue, MergeInput input, Func<MergeInput, ValueTask>? beforeBlockChanges = null)
    {
        if (beforeBlockChanges is not null && input.Index == input.Block.Hashes.Length - 1)
        {
            await beforeBlockChanges(input);
        }

        if (await input.NextAsync())
        {
            queue.Enqueue(input, (input.Page, -input.Age));
        }
    }

    private static void EnsureAddsUp(DatabaseShape shape, UInt128 sum, uint pageCount, PackReader last)
    {
        var found = Fingerprint.Of(shape, sum);
        if (found != last.Trailer.FingerprintAfter || pageCount != shape.StoredPageCount)
        {
            throw new PackFormatException(
                last.Name, $"the pages of its chain add up to fingerprint {found} with {pageCount} pages, expected {last.Trailer.FingerprintAfter} with {shape.StoredPageCount}");
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
