using System.CommandLine;
using BackupSidecar.Chain;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary><c>inspect</c>: header, index, sizes and compression of one pack. Its blocks are not read.</summary>
internal static class InspectCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = new RepositoryChoice();
        var pack = new Argument<string>("PACK") { Description = "The name of a pack in the repository, or the first digits of the id of a pack or of a backup." };
        var json = CommonOptions.Json();
        var command = repository.MakeCommand("inspect", "Show what is in one pack: header, index, sizes, compression.", sidecar: null, json);
        command.Add(pack);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
            repository.ReadAsync(parsed, output, execution.Surroundings, opened => RunAsync(opened, parsed.GetRequiredValue(pack), output, execution.Surroundings.Time, ct), ct)));
        return command;
    }

    private static async ValueTask<int> RunAsync(IRepositoryReader repository, string text, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var (name, source) = await PackSearch.FindAsync(repository, text, ct);
        await using var pack = await repository.OpenPackAsync(name, ct);
        var reader = await ChainReader.ReadAsync(repository, pack, name, ct);
        var blocks = new List<BlockEntry>();
        await foreach (var block in reader.ReadIndexAsync(ct))
        {
            // The hashes are most of an index, and nobody looks at them here.
            blocks.Add(block with { Hashes = [] });
        }

        var summary = Summarize(repository, name, reader, blocks);
        output.Summarize(summary, CliJson.Default.InspectSummary, writer => Write(writer, summary, source, time));
        return ExitCode.Ok;
    }

    private static InspectSummary Summarize(IRepositoryReader repository, PackName name, PackReader pack, List<BlockEntry> blocks)
    {
        var (header, trailer) = (pack.Header, pack.Trailer);
        return new InspectSummary
        {
            Repository = repository.Location,
            Object = name.ToString(),
            PackId = header.Pack.ToString(),
            RepositoryId = header.Repository.ToString(),
            SourceId = header.Source.ToString(),
            FormatVersion = PackHeader.Version,
            Full = header.IsFull,
            FromPosition = header.From.Transaction.Value,
            FromTimeline = header.IsFull ? null : header.From.Timeline.ToString(),
            ToPosition = header.To.Transaction.Value,
            ToTimeline = header.To.Timeline.ToString(),
            CapturedAt = name.CaptureTime,
            PageSizeBytes = header.ShapeAfter.PageSizeBytes,
            PagesBefore = header.ShapeBefore.PageCount,
            PagesAfter = header.ShapeAfter.PageCount,
            Compression = header.Compression.ToString().ToLowerInvariant(),
            Cipher = header.Cipher.ToString().ToLowerInvariant(),
            KeyId = header.KeyId == 0 ? null : header.KeyId.ToString("x32", null),
            FencingNumber = header.FencingNumber,
            PackBytes = trailer.PackLength,
            BlockBytes = blocks.Sum(block => (long)block.StoredLength),
            IndexBytes = trailer.IndexLength,
            RawBytes = blocks.Sum(block => (long)block.RawLength),
            Pages = trailer.PageCount,
            Runs = blocks.Sum(block => (long)block.Runs.Length),
            Blocks = blocks.Count,
            CompressedBlocks = blocks.Count(block => block.Codec != BlockCodec.Stored),
            LastPage = blocks.Count == 0 ? 0 : (long)blocks[^1].Runs[^1].End - 1,
            FingerprintBefore = header.IsFull ? null : trailer.FingerprintBefore.ToString(),
            FingerprintAfter = trailer.FingerprintAfter.ToString(),
            Digest = pack.Digest.ToString(),
        };
    }

    private static void Write(TextWriter writer, InspectSummary pack, SourceRecord source, TimeProvider time)
    {
        var around = pack.PackBytes - pack.BlockBytes - pack.IndexBytes;
        var ratio = pack.RawBytes == 0 ? "" : $", {100.0 * pack.BlockBytes / pack.RawBytes:0.0} % of {HumanText.Bytes(pack.RawBytes)}";
        writer.WriteLine(pack.Object);
        writer.WriteLine($"  pack         {pack.PackId}, format version {pack.FormatVersion}, cipher {pack.Cipher}");
        writer.WriteLine($"  source       {source.Name} ({pack.SourceId})");
        writer.WriteLine($"  leads to     position {pack.ToPosition} of timeline {pack.ToTimeline}");
        writer.WriteLine(pack.Full ? "  starts from  nothing: it is a full" : $"  starts from  position {pack.FromPosition} of timeline {pack.FromTimeline}");
        writer.WriteLine($"  captured     {HumanText.Time(pack.CapturedAt, time)}");
        writer.WriteLine($"  database     {HumanText.Count(pack.PagesAfter, "page")} of {pack.PageSizeBytes} bytes{(pack.Full ? "" : $", before {HumanText.Count(pack.PagesBefore)}")}");
        writer.WriteLine($"  holds        {HumanText.Count(pack.Pages, "page")} in {HumanText.Count(pack.Runs, "run")}, the last one {HumanText.Count(pack.LastPage)}");
        writer.WriteLine($"  blocks       {HumanText.Count(pack.Blocks)}, {HumanText.Count(pack.CompressedBlocks)} of them compressed ({pack.Compression}): {HumanText.Bytes(pack.BlockBytes)}{ratio}");
        writer.WriteLine($"  size         {HumanText.Bytes(pack.PackBytes)}: blocks {HumanText.Bytes(pack.BlockBytes)}, index {HumanText.Bytes(pack.IndexBytes)}, header and trailer {HumanText.Bytes(around)}");
        writer.WriteLine($"  fingerprint  {pack.FingerprintBefore ?? "(none)"} -> {pack.FingerprintAfter}");
        writer.WriteLine($"  sha256       {pack.Digest} of header, index and trailer: right");
        writer.WriteLine("The blocks were not read: 'verify --level data' does that.");
    }
}
