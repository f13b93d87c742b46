using System.Globalization;
using BackupSidecar.Capture;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Compares the local page hashes with the live database now and then, a slice at a time: what was captured must be what is there.</summary>
/// <remarks>
/// (1) Everything is captured, a slice is due: open a read transaction             <see cref="ScrubPace"/>
/// (2) It sees exactly the newest position: compare the next pages, at most for one window   <see cref="TableSlice"/>
/// (3) A page differs, and again: say so, set the local page hashes aside, compare the database with the repository   <see cref="Captures"/>
/// Since a slice is compared only at the position itself, no commit can explain a difference. The log is as good a witness as the page hashes are: if one of the two is
/// wrong, a new timeline begins. A database with a rollback journal needs none of this: each of its captures reads every page.
/// </remarks>
internal sealed class TableScrub(FollowerShared shared, Captures captures)
{
    /// <summary>The first pass begins at a random moment of the interval, so that neither many sources begin together, nor one that is restarted often is never scrubbed.</summary>
    private readonly double _firstShare = shared.Around.Random.NextDouble();

    private readonly long _created = shared.Time.GetTimestamp();
    private long? _passEnded;
    private uint _next = 1;

    private bool IsDue => _next > 1 || (_passEnded is { } ended
        ? shared.Time.GetElapsedTime(ended) >= shared.Definition.Scrub
        : shared.Time.GetElapsedTime(_created) >= shared.Definition.Scrub * _firstShare);

    /// <summary>To be called when everything that the log holds is captured. Returns soon, unless something is wrong.</summary>
    public async ValueTask StepAsync(FollowedSource followed, AttachedDatabase database, CancellationToken ct)
    {
        // (1)
        if (!IsDue || !shared.Around.ScrubPace.TryBegin())
        {
            return;
        }

        var started = shared.Time.GetTimestamp();
        TableSlice? slice;
        try
        {
            // (2), and once more before anybody is alarmed
            slice = TryCompare(followed, database);
            slice = slice is { Different.Count: > 0 } ? TryCompare(followed, database) : slice;
        }
        finally
        {
            shared.Around.ScrubPace.End(shared.Time.GetElapsedTime(started));
        }

        if (slice is { Different.Count: > 0 })
        {
            await AlarmAsync(followed, database, slice.Different, ct);
            EndPass();
        }
        else if (slice is { Next: 0 })
        {
            var now = shared.Time.GetUtcNow();
            shared.Status.Change(status => status with { ScrubbedAt = now });
            EndPass();
        }
        else
        {
            _next = slice?.Next ?? _next;
        }
    }

    private TableSlice? TryCompare(FollowedSource followed, AttachedDatabase database)
    {
        try
        {
            return followed.TryCompareSlice(database, _next, Captures.Window);
        }
        catch (ImageChangedException)
        {
            // The app went on. The next slice begins at the same page.
            return null;
        }
    }

    private void EndPass() => (_next, _passEnded) = (1, shared.Time.GetTimestamp());

    // (3)
    private async ValueTask AlarmAsync(FollowedSource followed, AttachedDatabase database, IReadOnlyList<uint> pages, CancellationToken ct)
    {
        var before = followed.Position!.Value;
        var which = pages.Count == 1 ? $"page {pages[0]}" : string.Create(CultureInfo.InvariantCulture, $"page {pages[0]} and {pages.Count - 1} more");
        FollowingLog.Differs(shared.Around.Log, shared.Name, which, before);
        shared.Status.Change(status => status with { ScrubDifferences = status.ScrubDifferences + pages.Count });
        await followed.SetTableAsideAsync(ct);
        await captures.CompareAsync(followed, database, $"{which} differs from what was captured, and no commit explains it", lostCommits: true, ct);
        var (message, hint) = followed.Position == before
            ? ($"The local page hashes were wrong ({which}), although they added up. The repository agrees with the database; they were made anew from it.",
                "Check the memory and the disk of this host, and run 'backup-sidecar verify --level data': positions since the damage may not restore.")
            : ($"The database was not what had been captured ({which}) at position {before}, and no commit explains it. What it holds now was captured on a new timeline.",
                "Something wrote to the file behind SQLite's back, or the disk fails. Run PRAGMA integrity_check; the earlier positions are as they were.");
        var now = shared.Time.GetUtcNow();
        FollowingLog.Doubt(shared.Around.Log, shared.Name, message, hint);
        shared.Status.Change(status => status with { Trouble = new SourceTrouble(now, now, message, hint, NextTryAt: null) });
    }
}
