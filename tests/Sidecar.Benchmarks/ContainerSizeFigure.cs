using System.Formats.Tar;
using System.IO.Compression;

namespace BackupSidecar.Benchmarks;

/// <summary>What a pull of the image transfers: its layers, each compressed by gzip as registries keep them.</summary>
internal static class ContainerSizeFigure
{
    private const double MegabytesMax = 45;

    public static async Task MeasureAsync(ContainerBench bench, CancellationToken ct)
    {
        var archive = bench.Scratch.PathOf("image.tar");
        _ = await bench.Engine.DockerAsync(["save", "--output", archive, bench.Engine.Image], ct);
        var bytes = 0L;
        await using (var reader = new TarReader(File.OpenRead(archive)))
        {
            while (await reader.GetNextEntryAsync(copyData: false, ct) is { } entry)
            {
                if (entry.Name.EndsWith("layer.tar", StringComparison.Ordinal) && entry.DataStream is { } layer)
                {
                    bytes += await CompressedBytesAsync(layer, ct);
                }
            }
        }

        File.Delete(archive);
        var size = new Samples();
        size.Add(bytes / 1e6);
        bench.Report.AddLimit("image, compressed layers", size, MegabytesMax, "MB", "0.0");
    }

    private static async Task<long> CompressedBytesAsync(Stream layer, CancellationToken ct)
    {
        using var counted = new MemoryStream();
        await using (var gzip = new GZipStream(counted, CompressionLevel.Optimal, leaveOpen: true))
        {
            await layer.CopyToAsync(gzip, ct);
        }

        return counted.Length;
    }
}
