using BackupSidecar.Backup;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Asks the repositories beside the local one for a source that is new there, as on a fresh machine, so that its history goes on and its database need not be sent again.</summary>
/// <remarks>
/// Capturing waits for it once in the life of a local repository, and not for long: where one cannot be asked, numbers are taken that no history can have reached.
/// </remarks>
internal sealed class RemoteHistories(IReadOnlyList<RemoteFeedSettings> remotes, ILogger log, TimeProvider time)
{
    private static readonly TimeSpan AskMax = TimeSpan.FromSeconds(20);

    /// <summary>No source captures more often on average, over all the years since 1970.</summary>
    private const long CapturesPerSecondMax = 10;

    /// <returns>Null: none knows it, and all were asked.</returns>
    public async ValueTask<SourceHistory?> OfAsync(string source, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(AskMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        SourceHistory? known = null;
        TransactionId? beyond = null;
        foreach (var remote in remotes)
        {
            if (await TryAskAsync(remote, source, either.Token, ct) is var (isAnswered, answer) && isAnswered)
            {
                known = Later(known, answer);
                continue;
            }

            var number = new TransactionId((ulong)(time.GetUtcNow().ToUnixTimeSeconds() * CapturesPerSecondMax));
            var text = number.ToString();
            HostingLog.HistoryUnknown(log, remote.Name, source, text);
            beyond = number;
        }

        // An id is made up only where none that could be asked knows one, whatever their order.
        return beyond is { } unreached ? new SourceHistory(known?.Id ?? SourceId.New(), known is { Newest: var newest } && newest > unreached ? newest : unreached) : known;
    }

    /// <returns>Whether there was an answer, and null if the repository does not know the source.</returns>
    private static async ValueTask<(bool IsAnswered, SourceHistory? History)> TryAskAsync(RemoteFeedSettings remote, string source, CancellationToken either, CancellationToken ct)
    {
        try
        {
            var catalog = await (await remote.OpenForReading(either)).TryReadCatalogAsync(source, either);
            return (true, catalog is { NewestListed: { } newest } ? new SourceHistory(catalog.Source.Id, newest.Transaction) : null);
        }
        catch (OperatorException)
        {
            return (false, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (false, null);
        }
    }

    /// <summary>The first id that is known, and the largest number.</summary>
    private static SourceHistory? Later(SourceHistory? known, SourceHistory? other) =>
        known is null || other is null ? known ?? other : known with { Newest = other.Newest > known.Newest ? other.Newest : known.Newest };
}
