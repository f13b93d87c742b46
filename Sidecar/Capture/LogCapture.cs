using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Finds what has changed since a cursor by the log alone, in two ways, and refuses where neither is proved. Start reading here.</summary>
/// <remarks>
/// <list type="number">
/// <item>The log is of the cursor's generation, and the cursor's frame stands in it: the frames after it, chained to the checksum that the index names.</item>
/// <item>
/// The log was started anew once since (the first salt is one more), and has no more frames than the cursor had seen: what is left of the old frames after the
/// cursor says which pages changed then, the new frames say the rest, and a read transaction gives the contents. The commits seen in both must be as many as the
/// index counted. A recovery counts from zero again, so the two counts are compared only within one attachment, in which the count never went back: no index is made
/// anew while somebody is attached, and that one is recovered takes a kill between its two copies. Such a recovery would go unseen only if the count had caught up
/// before the next look; to be believed wrongly, it would have to lack exactly as many commits as had been counted before.
/// </item>
/// </list>
/// Frames behind the end that the index names are never used: they may be of a transaction that was rolled back, or was never committed.
/// </remarks>
internal static class LogCapture
{
    /// <param name="database">Attached.</param>
    /// <param name="cursor">The last capture's.</param>
    /// <param name="isOfThisAttachment">The cursor was taken since this attachment began.</param>
    /// <exception cref="ImageChangedException">What was being looked at is gone; decide again.</exception>
    public static LogOutcome Find(AttachedDatabase database, WalCursor cursor, bool isOfThisAttachment) =>
        Find(database, cursor, isOfThisAttachment, pinned: null);

    /// <param name="database">Attached.</param>
    /// <param name="cursor">The last capture's.</param>
    /// <param name="isOfThisAttachment">The cursor was taken since this attachment began.</param>
    /// <param name="pinned">A read transaction that is open, and stays the caller's: what is found covers all up to it, and perhaps more. Null: none is open.</param>
    /// <exception cref="ImageChangedException">What was being looked at is gone; decide again.</exception>
    public static LogOutcome Find(AttachedDatabase database, WalCursor cursor, bool isOfThisAttachment, LiveWalImage? pinned) => database.TryReadIndex(out var log)
        ? Find(database, cursor, log, isOfThisAttachment, pinned)
        : throw new ImageChangedException("the index of the log is being written");

    /// <param name="database">As of the other one.</param>
    /// <param name="cursor">As of the other one.</param>
    /// <param name="log">What its index said; the application may have gone on since.</param>
    /// <param name="isOfThisAttachment">As of the other one.</param>
    /// <param name="pinned">As of the other one.</param>
    internal static LogOutcome Find(AttachedDatabase database, WalCursor cursor, WalIndexHeader log, bool isOfThisAttachment, LiveWalImage? pinned = null)
    {
        if (cursor.IsAt(log, isOfThisAttachment))
        {
            return LogOutcome.Nothing;
        }

        if (log.Salts == cursor.Salts)
        {
            return (cursor.Frame, log.LastFrame) == (0, 0)
                ? LogOutcome.Refused("the log has no frame, so that it cannot be told from another one without any")
                : FindInLog(database, cursor, log);
        }

        if (cursor.Frame > 0 && FirstSaltOf(log.Salts) == unchecked(cursor.FirstSalt - 1))
        {
            return LogOutcome.Refused("the log is the one before that of the last capture, whose commits are gone", lostCommits: true);
        }

        if (!isOfThisAttachment || database.WasRecovered)
        {
            return LogOutcome.Refused($"the log was started anew {(isOfThisAttachment ? "and recovered" : "while nobody followed")}");
        }

        return pinned is null ? FindAcrossReset(database, cursor) : FindAcrossReset(database, cursor, pinned);
    }

    private static uint FirstSaltOf(ulong salts) => (uint)(salts >> 32);

    private static LogOutcome FindInLog(AttachedDatabase database, WalCursor cursor, WalIndexHeader log)
    {
        if (log.LastFrame < cursor.Frame)
        {
            return LogOutcome.Refused($"the log ends with frame {log.LastFrame}, and commits up to frame {cursor.Frame} were captured", lostCommits: true);
        }

        var wal = database.Wal;
        if (StartOf(wal, cursor, log) is not { } start)
        {
            // Whoever starts a log anew says so in the index before the first frame is overwritten. Still the same generation: the frame was never overtaken.
            return database.TryReadIndex(out var again) && again.Salts == log.Salts
                ? LogOutcome.Refused($"frame {cursor.Frame} of the log is not the commit that was captured", lostCommits: cursor.Frame > 0)
                : throw new ImageChangedException("the log was started anew while it was looked at");
        }

        if (log.LastFrame - cursor.Frame > WalTail.FramesMax)
        {
            return LogOutcome.Refused($"{log.LastFrame - cursor.Frame} frames were written since the last capture");
        }

        var tail = new WalTail(wal, log, log.Salts);
        tail.ReadChain(start, cursor.Frame + 1, log.LastFrame);
        if (tail.LastFrame != log.LastFrame || tail.Checksum != log.Checksum || tail.PageCount == 0)
        {
            // The application has started its log anew between the look at the index and the reading, or the log is damaged.
            throw new ImageChangedException($"the log does not lead from frame {cursor.Frame} to frame {log.LastFrame}");
        }

        var shape = new DatabaseShape(log.PageSizeBytes, tail.PageCount);
        tail.KeepNewest(shape.PageCount);
        var (pages, frameOf) = WithNewPages(tail, cursor.PageCount, shape);
        return LogOutcome.Changed(new WalChanges(WalCursor.At(log, tail.PageCount), shape, pages, tail, frameOf, database.Database));
    }

    /// <summary>The checksum from which the frame after the cursor follows; null if the cursor's frame does not stand in the log.</summary>
    private static WalChecksum? StartOf(SqliteFile wal, WalCursor cursor, WalIndexHeader log)
    {
        if (cursor.Frame == 0)
        {
            Span<byte> header = stackalloc byte[WalFormat.HeaderSize];
            return wal.TryRead(0, header) && WalFormat.TryReadHeader(header, out var found) && found.Salts == cursor.Salts ? found.Checksum : null;
        }

        Span<byte> frame = stackalloc byte[WalFormat.FrameHeaderSize];
        return wal.TryRead(WalFormat.FrameOffset(cursor.Frame, log.PageSizeBytes), frame)
            && WalFormat.FrameSalts(frame) == cursor.Salts && WalFormat.FrameChecksum(frame) == cursor.Checksum
                ? cursor.Checksum
                : null;
    }

    /// <summary>Adds the pages by which the database grew and that no frame holds.</summary>
    private static (List<uint> Pages, List<int> FrameOf) WithNewPages(WalTail tail, uint pageCountBefore, DatabaseShape shape)
    {
        List<uint> pages = new(tail.Count);
        List<int> frameOf = new(tail.Count);
        var next = (ulong)pageCountBefore + 1;
        var index = 0;
        foreach (var page in tail.Pages)
        {
            AddMissing(page);
            if (page != shape.LockBytePage)
            {
                pages.Add(page);
                frameOf.Add(index);
            }

            index++;
            next = Math.Max(next, (ulong)page + 1);
        }

        AddMissing((ulong)shape.PageCount + 1);
        return (pages, frameOf);

        void AddMissing(ulong end)
        {
            for (; next < end; next++)
            {
                if (next != shape.LockBytePage)
                {
                    pages.Add((uint)next);
                    frameOf.Add(-1);
                }
            }
        }
    }

    private static LogOutcome FindAcrossReset(AttachedDatabase database, WalCursor cursor)
    {
        var image = database.OpenImage();
        LogOutcome outcome = default;
        try
        {
            outcome = FindAcrossReset(database, cursor, image);
            return outcome;
        }
        finally
        {
            if (outcome.Changes is null)
            {
                image.Dispose();
            }
        }
    }

    private static LogOutcome FindAcrossReset(AttachedDatabase database, WalCursor cursor, LiveWalImage image)
    {
        if (image.Facts.Cursor is not { } now)
        {
            throw new ImageChangedException("the log went on between the read transaction and the look at its index");
        }

        if (now.FirstSalt != unchecked(cursor.FirstSalt + 1))
        {
            return LogOutcome.Refused("the log was started anew more than once since the last capture");
        }

        if (now.Frame > cursor.Frame)
        {
            return LogOutcome.Refused($"the log was started anew and holds {now.Frame} frames, more than the {cursor.Frame} of the last capture, so that older ones are overwritten");
        }

        if (!database.TryReadIndex(out var log) || log.Salts != now.Salts)
        {
            throw new ImageChangedException("the index of the log is being written");
        }

        // The old generation: nothing but page numbers and the count of commits is taken from it.
        var old = new WalTail(database.Wal, log with { PageSizeBytes = image.Facts.Shape.PageSizeBytes }, cursor.Salts);
        old.ReadChain(cursor.Checksum, cursor.Frame + 1, cursor.Frame + WalTail.FramesMax);
        if (old.RepeatsCommits || image.RepeatsCommits())
        {
            return LogOutcome.Refused("the log was started anew, and frames in it repeat each other, so that commits cannot be counted");
        }

        var counted = unchecked(now.CommitCounter - cursor.CommitCounter);
        var seen = (long)old.Commits + image.CommitsInLog;
        if (seen != counted)
        {
            return LogOutcome.Refused($"the log was started anew, and {seen} of {counted} commits can still be seen");
        }

        var shape = image.Facts.Shape;
        SortedSet<uint> pages = [.. old.Pages, .. image.PagesInLog];
        for (var page = (ulong)cursor.PageCount + 1; page <= shape.PageCount; page++)
        {
            _ = pages.Add((uint)page);
        }

        return LogOutcome.Changed(new ImageChanges(
            CaptureMethod.OldTail, now, image, [.. pages.Where(page => page <= shape.PageCount && page != shape.LockBytePage)], counted));
    }
}
