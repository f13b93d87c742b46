using System.Collections.Concurrent;
using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore;

/// <summary>Puts a database together from a chain: blocks are read once, in parallel; every page that is written was checked against its hash.</summary>
internal sealed class ImageAssembler(ChainReader chain, SafeFileHandle output, int workers, IProgress<ProgressReport>? progress)
{
    private readonly ConcurrentBag<Worker> _free = [];

    /// <exception cref="PackFormatException">The result does not have the fingerprint of the position, or a pack is damaged. The output is then worthless.</exception>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        var shape = chain.Shape;
        RandomAccess.SetLength(output, shape.Bytes);
        var sum = UInt128.Zero;
        long written = 0;
        try
        {
            await using var writers = new OrderedParallel<ChosenBlock, Written>(
                workers,
                block => WriteAsync(block, ct),
                done =>
                {
                    sum = unchecked(sum + done.SumOfHashes);
                    if (written / WriteBack.StepBytes != (written + done.Bytes) / WriteBack.StepBytes)
                    {
                        WriteBack.Begin(output);
                    }

                    written += done.Bytes;
                    progress?.Report(new ProgressReport("restore", written, shape.Bytes));
                    return ValueTask.CompletedTask;
                });
            await foreach (var block in chain.ChooseAsync(ct))
            {
                await writers.PostAsync(block, ct);
            }

            await writers.CompleteAsync();
        }
        finally
        {
            foreach (var worker in _free)
            {
                worker.Decoder.Dispose();
            }
        }

        var fingerprint = Fingerprint.Of(shape, sum);
        if (fingerprint != chain.Fingerprint)
        {
            throw new PackFormatException(chain.Tip.Name, $"position {chain.Chain.Position} was put together with fingerprint {fingerprint}, expected {chain.Fingerprint}");
        }
    }

    private async ValueTask<Written> WriteAsync(ChosenBlock block, CancellationToken ct)
    {
        var worker = _free.TryTake(out var free) ? free : new Worker();
        try
        {
            await block.Pack.ReadBlockAsync(block.Entry, worker.Stored, ct);
            worker.Decoder.Decode(block.Entry, worker.Stored.AsSpan(0, block.Entry.StoredLength), worker.Raw, block.Pack.Name);
            var done = default(Written);
            foreach (var run in block.Chosen)
            {
                var bytes = worker.Raw.AsSpan(run.Index * block.PageSizeBytes, (int)run.Pages.Count * block.PageSizeBytes);
                RandomAccess.Write(output, bytes, chain.Shape.OffsetOf(run.Pages.First));
                done = done.Add(block.Entry.Hashes.AsSpan(run.Index, (int)run.Pages.Count), bytes.Length);
            }

            return done;
        }
        finally
        {
            _free.Add(worker);
        }
    }

    /// <summary>What one block added to the database.</summary>
    private readonly record struct Written(UInt128 SumOfHashes, long Bytes)
    {
        public Written Add(ReadOnlySpan<PageHash> hashes, int bytes)
        {
            var sum = SumOfHashes;
            foreach (var hash in hashes)
            {
                sum = unchecked(sum + hash.Value);
            }

            return new Written(sum, Bytes + bytes);
        }
    }

    /// <summary>The buffers of one thread.</summary>
    private sealed class Worker
    {
        public byte[] Stored { get; } = new byte[BlockEntry.RawLengthMax];

        public byte[] Raw { get; } = new byte[BlockEntry.RawLengthMax];

        public BlockDecoder Decoder { get; } = new();
    }
}
