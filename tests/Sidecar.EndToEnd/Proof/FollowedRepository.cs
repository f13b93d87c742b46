using System.Globalization;
using System.Text.Json.Nodes;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>What a repository holds of one followed database: its packs as a listing shows them, and restores by the program.</summary>
internal sealed class FollowedRepository(string path, string source)
{
    private string? _id;

    /// <summary>What is published now, in the order of positions.</summary>
    public IReadOnlyList<PackName> Packs()
    {
        List<PackName> packs = [];
        if (Id() is not { } id)
        {
            return packs;
        }

        var folder = Path.Combine(path, RepositoryLayout.PackFolder, id);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.pack", SearchOption.AllDirectories) : [])
        {
            if (PackName.TryParse(ObjectName.Parse(Path.GetRelativePath(path, file)), out var name))
            {
                packs.Add(name);
            }
        }

        return [.. packs.OrderBy(pack => pack.To.Transaction).ThenBy(pack => pack.From.Transaction)];
    }

    /// <summary>The newest position; none before the first capture.</summary>
    public Position Newest() => Packs() is [.., var newest] ? newest.To : Position.None;

    /// <summary>Restores a position, or with null the newest restore point, with all checks.</summary>
    /// <returns>What the program says it has restored.</returns>
    public async Task<Position> RestoreAsync(TransactionId? position, string target, CancellationToken ct)
    {
        var result = await SidecarBinary.RunAsync(
            ["restore", "--repository", path, "--source", source, "--output", target, "--json", .. position is { } number ? ["--position", number.Value.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>()],
            ct);
        if (result.ExitCode != 0)
        {
            throw new DivergenceException($"A restore point cannot be restored: {result}");
        }

        var point = JsonNode.Parse(result.OutputLines[^1])!["restorePoint"]!;
        return TimelineId.TryParse(point["timeline"]!.GetValue<string>(), out var timeline)
            ? new Position(timeline, new TransactionId(point["position"]!.GetValue<ulong>()))
            : throw new InvalidOperationException($"There is no timeline in {point.ToJsonString()}.");
    }

    /// <summary>Null as long as the source is not registered.</summary>
    private string? Id()
    {
        var record = Path.Combine(path, RepositoryLayout.RecordOf(source).ToString());
        try
        {
            _id ??= File.Exists(record) ? JsonNode.Parse(File.ReadAllText(record))!["sourceId"]!.GetValue<string>() : null;
        }
        catch (IOException)
        {
            // Whoever publishes it still has it open, under a lock that only .NET asks for.
        }

        return _id;
    }
}
