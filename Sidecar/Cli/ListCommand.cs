using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary><c>list</c>: sources and backups, newest last.</summary>
internal static class ListCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = CommonOptions.Repository();
        var source = CommonOptions.Text("--source", "NAME", "Only this source. Default: all.");
        var json = CommonOptions.Json();
        var points = new Option<bool>("--points") { Description = "Also show every position that can be restored, in runs; with --json one line for each." };
        var command = new Command("list", "Show sources and backups, newest last.") { repository, source, points, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
            RunAsync(parsed.GetRequiredValue(repository), parsed.GetValue(source), parsed.GetValue(points), output, execution.Surroundings, ct)));
        return command;
    }

    private static async ValueTask<int> RunAsync(string location, string? sourceName, bool showPoints, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var repository = await RepositoryLocation.OpenForReadingAsync(location, ct);
        var sources = new List<ListedSource>();
        var doubts = 0;
        foreach (var record in sourceName is null ? await SourceSearch.FindAllAsync(repository, Doubt, ct) : [await repository.FindSourceAsync(sourceName, ct)])
        {
            var catalog = await repository.ReadCatalogAsync(record, ct);
            var points = PointRuns.PointsOf(catalog);
            sources.Add(await ListAsync(repository, catalog, points, Doubt, ct));
            foreach (var point in showPoints ? points : [])
            {
                output.Item(point, CliJson.Default.PointLine);
            }

            foreach (var doubt in catalog.Gaps().Concat(catalog.Doubts))
            {
                Doubt(doubt);
            }
        }

        var exitCode = doubts > 0 ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(
            new ListSummary(repository.Location, repository.Id.ToString(), sources, exitCode),
            CliJson.Default.ListSummary,
            writer => ListTable.Write(writer, repository.Location, sources, showPoints, surroundings));
        return exitCode;

        void Doubt(OperatorException doubt)
        {
            doubts++;
            output.Doubt(doubt);
        }
    }

    private static async ValueTask<ListedSource> ListAsync(IRepositoryReader repository, SourceCatalog catalog, IReadOnlyList<PointLine> points, Action<OperatorException> doubt, CancellationToken ct)
    {
        var backups = new List<ListedBackup>();
        foreach (var entry in catalog.Manifests.OrderBy(entry => entry.Name.CreatedAtMicroseconds))
        {
            BackupManifest? manifest = null;
            try
            {
                manifest = await repository.ReadManifestAsync(entry, ct);
            }
            catch (ManifestFormatException e)
            {
                doubt(e);
            }

            backups.Add(Describe(catalog, entry.Name, manifest));
        }

        var restorable = points.Where(point => point.Restorable).ToList();
        return new ListedSource(
            catalog.Source.Name,
            catalog.Source.Id.ToString(),
            backups,
            restorable.Count,
            restorable.Count(point => point.BackupId is null),
            restorable.Count == 0 ? null : restorable.Min(point => point.Time),
            restorable.Count == 0 ? null : restorable.Max(point => point.Time),
            PointRuns.Of(catalog, points),
            [.. catalog.UnknownObjects.Select(name => name.ToString())],
            catalog.Packs.Count,
            catalog.Packs.Sum(pack => pack.Length));
    }

    private static ListedBackup Describe(SourceCatalog catalog, ManifestName name, BackupManifest? manifest) => new()
    {
        BackupId = name.Backup.ToString(),
        CreatedAt = name.CreatedAt,
        Position = name.Position.Transaction.Value,
        Timeline = name.Position.Timeline.ToString(),
        Restorable = manifest is not null && catalog.CanReach(name.Position),
        Changed = manifest?.Changed,
        Full = manifest is { Changed: true } ? manifest.Pack.Name.IsFull : null,
        DatabaseBytes = manifest?.Shape.Bytes,
        StoredBytes = manifest?.Stats.StoredBytes,
        Database = manifest?.Source.Path,
        Host = manifest?.Source.Host,
        Labels = manifest?.Labels ?? [],
    };
}
