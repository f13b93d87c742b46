using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary><c>list</c>: sources and backups, newest last.</summary>
internal static class ListCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = new RepositoryChoice();
        var sidecar = SidecarAddress.Option();
        var source = CommonOptions.Text("--source", "NAME", "Only this source. Default: all.");
        var json = CommonOptions.Json();
        var points = new Option<bool>("--points") { Description = "Also show every position that can be restored, in runs; with --json one line for each." };
        var command = repository.MakeCommand("list", "Show sources and backups, newest last.", sidecar, source, points, json);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) => parsed.GetValue(sidecar) is { } address
            ? AskAsync(address, parsed.GetValue(source), parsed.GetValue(points), output, execution.Surroundings, ct)
            : repository.ReadAsync(parsed, output, execution.Surroundings, opened => RunAsync(opened, parsed.GetValue(source), parsed.GetValue(points), output, execution.Surroundings, ct), ct)));
        return command;
    }

    private static async ValueTask<int> RunAsync(IRepositoryReader repository, string? sourceName, bool showPoints, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
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

            foreach (var doubt in catalog.Gaps().Concat(catalog.Doubts).Concat(new CutPacks(catalog).Doubts()))
            {
                Doubt(doubt);
            }
        }

        return Tell(repository.Location, repository.Id.ToString(), sources, doubts, showPoints, output, surroundings);

        void Doubt(OperatorException doubt)
        {
            doubts++;
            output.Doubt(doubt);
        }
    }

    /// <summary>As a running serve knows it.</summary>
    private static async ValueTask<int> AskAsync(string address, string? sourceName, bool showPoints, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        using var sidecar = SidecarAddress.Connect(address, surroundings);
        var sources = await new RemoteList(sidecar).ReadAsync(sourceName, ct);
        foreach (var point in showPoints ? sources.SelectMany(source => source.Points) : [])
        {
            output.Item(point, CliJson.Default.PointLine);
        }

        return Tell($"the repository of serve at {address}", "", [.. sources.Select(source => source.Source)], sources.Sum(source => source.Doubts), showPoints, output, surroundings);
    }

    private static int Tell(string location, string id, IReadOnlyList<ListedSource> sources, int doubts, bool showPoints, ICommandOutput output, Surroundings surroundings)
    {
        var exitCode = doubts > 0 ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(new ListSummary(location, id, sources, exitCode), CliJson.Default.ListSummary, writer => ListTable.Write(writer, location, sources, showPoints, surroundings));
        return exitCode;
    }

    private static async ValueTask<ListedSource> ListAsync(IRepositoryReader repository, SourceCatalog catalog, IReadOnlyList<PointLine> points, Action<OperatorException> doubt, CancellationToken ct)
    {
        var cut = new CutPacks(catalog);
        var backups = new List<ListedBackup>();
        foreach (var entry in catalog.Manifests.OrderBy(entry => entry.Name.CreatedAtMicroseconds))
        {
            var backup = await KeptBackup.ReadAsync(repository, catalog, entry, ct);
            if (backup.Problem is { } problem)
            {
                doubt(problem);
            }

            backups.Add(Describe(backup, isRestorable: backup.IsRestorable && !cut.Spoil(entry.Name.Position)));
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

    private static ListedBackup Describe(KeptBackup backup, bool isRestorable) => new()
    {
        BackupId = backup.Id.ToString(),
        CreatedAt = backup.Entry.Name.CreatedAt,
        Position = backup.Entry.Name.Position.Transaction.Value,
        Timeline = backup.Entry.Name.Position.Timeline.ToString(),
        Restorable = isRestorable,
        Changed = backup.Manifest?.Changed,
        Full = backup.Manifest is { Changed: true } manifest ? manifest.Pack.Name.IsFull : null,
        DatabaseBytes = backup.Manifest?.Shape.Bytes,
        StoredBytes = backup.Manifest?.Stats.StoredBytes,
        Database = backup.Manifest?.Source.Path,
        Host = backup.Manifest?.Source.Host,
        Labels = backup.Labels,
        Pinned = backup.IsPinned,
        DeletedAt = backup.DeletedAt,
    };
}
