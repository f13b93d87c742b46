using BackupSidecar.Backup;
using BackupSidecar.Compaction;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Compacts sources of one repository by name. One at a time.</summary>
internal sealed class SourceCompactor(BackupRepository repository, string stateDirectory, CompactionSettings settings, int openFilesMax, ILogger log, TimeProvider time)
{
    /// <summary>A merge keeps each pack that it reads open. Followers, of which each holds a handful of files, get the rest.</summary>
    private const int ShareOfOpenFiles = 4;

    private readonly CompactionPolicyOptions _policy = PolicyOf(settings, openFilesMax);

    /// <summary>Each remembers what it has proved of its source.</summary>
    private readonly Dictionary<string, CompactionRun> _runs = new(StringComparer.Ordinal);

    /// <returns>When there will be something to do again; null: when something was captured.</returns>
    public async ValueTask<DateTimeOffset?> CompactAsync(string sourceName, CancellationToken ct)
    {
        var source = await repository.FindSourceAsync(sourceName, ct);
        if (!_runs.TryGetValue(sourceName, out var run))
        {
            var options = new CompactionOptions
            {
                Policy = _policy,
                Grace = settings.Grace,
                CreateSpool = () => CreateSpool(source.Id),
            };
            _runs[sourceName] = run = new CompactionRun(repository, options, time);
        }

        var result = await run.ExecuteAsync(await repository.ReadCatalogAsync(source, ct), static _ => { }, ct);
        foreach (var doubt in result.Doubts)
        {
            HostingLog.CompactionDoubt(log, sourceName, doubt.Message, doubt.Hint);
        }

        if (result.Merges > 0 || result.PacksDeleted > 0)
        {
            HostingLog.Compacted(log, sourceName, result.PacksMerged, result.Merges, result.BytesWritten, result.PacksDeleted);
        }

        return result.Next;
    }

    private static CompactionPolicyOptions PolicyOf(CompactionSettings settings, int openFilesMax)
    {
        var policy = new CompactionPolicyOptions { Window = settings.Window, Levels = settings.Levels, FullAfter = settings.FullAfter };
        return policy with { InputsMax = Math.Clamp(openFilesMax / ShareOfOpenFiles, 2, policy.InputsMax) };
    }

    /// <summary>Beside the local state of the source, whose directory exists since it was followed.</summary>
    private SpoolFile CreateSpool(SourceId source) => SpoolFile.Create(Path.Join(stateDirectory, repository.Id.ToString(), $"{source}.merge"));
}
