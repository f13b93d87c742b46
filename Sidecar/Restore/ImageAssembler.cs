using System.Collections.Concurrent;
using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore;

/// <summary>Puts a database together from a chain: blocks are read and decoded in parallel; every page that is written was checked against its hash.</summary>
/// <remarks>One block is written at a time: two writers of one file would spin on the kernel's lock of it while they could decode.</remarks>
internal sealed class ImageAssembler(ChainReader chain, SafeFileHandle output, int workers, IProgress<ProgressReport>? progress)
{
    private readonly ConcurrentBag<BlockBuffer> _made = [];
    private readonly ConcurrentBag<BlockBuffer> _free = [];
    private UInt128 _sum;
    private long _written;

    /// <exception cref="PackFormatException">The result does not have the fingerprint of the position, or a pack is damaged. The output is then worthless.</exception>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        var shape = chain.Shape;
        RandomAccess.SetLength(output, shape.Bytes);
        try
        {
            await using var decoders = new OrderedParallel<ChosenBlock, (ChosenBlock Block, BlockBuffer Buffer)>(
                workers, block => DecodeAsync(block, ct), decoded => Write(decoded.Block, decoded.Buffer));
            await foreach (var block in chain.ChooseAsync(ct))
            {
                await decoders.PostAsync(block, ct);
            }

            await decoders.CompleteAsync();
        }
        finally
        {
            foreach (var buffer in _made)
            {
                buffer.Dispose();
            }
        }

        var fingerprint = Fingerprint.Of(shape, _sum);
        if (fingerprint != chain.Fingerprint)
        {
            throw new PackFormatException(chain.Tip.Name, $"position {chain.Chain.Position} was put together with fingerprint {fingerprint}, expected {chain.Fingerprint}");
        }
    }

    private async ValueTask<(ChosenBlock Block, BlockBuffer Buffer)> DecodeAsync(ChosenBlock block, CancellationToken ct)
    {
        var buffer = _free.TryTake(out var free) ? free : MakeBuffer();
        await buffer.FillAsync(block.Pack, block.Entry, ct);
        return (block, buffer);
    }

    private BlockBuffer MakeBuffer()
    {
        var buffer = new BlockBuffer();
        _made.Add(buffer);
        return buffer;
    }

    private ValueTask Write(ChosenBlock block, BlockBuffer buffer)
    {
        var before = _written;
        foreach (var run in block.Chosen)
        {
            var bytes = buffer.Raw.Slice(run.Index * block.PageSizeBytes, (int)run.Pages.Count * block.PageSizeBytes);
            RandomAccess.Write(output, bytes, chain.Shape.OffsetOf(run.Pages.First));
            _written += bytes.Length;
            foreach (var hash in block.HashesOf(run))
            {
                _sum = unchecked(_sum + hash.Value);
            }
        }

        _free.Add(buffer);
        if (before / WriteBack.StepBytes != _written / WriteBack.StepBytes)
        {
            WriteBack.Begin(output);
        }

        progress?.Report(new ProgressReport("restore", _written, chain.Shape.Bytes));
        return ValueTask.CompletedTask;
    }
}
