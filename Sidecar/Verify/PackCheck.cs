using System.Collections.Concurrent;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;

namespace BackupSidecar.Verify;

/// <summary>Checks one pack: its index, and from level data on every block and page in it.</summary>
internal sealed class PackCheck(PackReader pack, VerifyCoverage coverage, VerifyOptions options, Action blockRead)
{
    private readonly ConcurrentBag<BlockBuffer> _free = [];

    /// <exception cref="PackFormatException">Names the first thing that is wrong.</exception>
    public async ValueTask RunAsync(CancellationToken ct)
    {
        try
        {
            await using var decoders = new OrderedParallel<BlockEntry, BlockEntry>(
                options.Workers,
                entry => DecodeAsync(entry, ct),
                entry =>
                {
                    coverage.BytesRead += entry.StoredLength;
                    blockRead();
                    return ValueTask.CompletedTask;
                });
            await foreach (var entry in pack.ReadIndexAsync(ct))
            {
                coverage.Blocks++;
                coverage.Pages += entry.Hashes.Length;
                if (options.Level >= VerifyLevel.Data)
                {
                    await decoders.PostAsync(entry, ct);
                }
            }

            await decoders.CompleteAsync();
        }
        finally
        {
            foreach (var buffer in _free)
            {
                buffer.Dispose();
            }
        }
    }

    private async ValueTask<BlockEntry> DecodeAsync(BlockEntry entry, CancellationToken ct)
    {
        var buffer = _free.TryTake(out var free) ? free : new BlockBuffer();
        try
        {
            await buffer.FillAsync(pack, entry, ct);
            return entry;
        }
        finally
        {
            _free.Add(buffer);
        }
    }
}
