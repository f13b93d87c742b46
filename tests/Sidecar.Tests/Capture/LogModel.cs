using System.Buffers.Binary;
using BackupSidecar.Tests.Source;

namespace BackupSidecar.Tests.Capture;

/// <summary>What SQLite does to a log, as a reference: it writes what SQLite would write, and knows what the database is.</summary>
/// <remarks>From wal.c: walFrames, walRestartHdr, walRestartLog, walLimitSize, walUndo, walIndexRecover, walCheckpoint.</remarks>
internal sealed class LogModel
{
    private const int PagesMax = 12;
    private const int FramesInCommitMax = 5;

    private readonly SimulatedLog _log;
    private readonly Random _random;
    private List<byte[]> _file;
    private uint _backfilled;
    private uint _flushed;
    private bool _isFirstOfGeneration;
    private int _contents;

    public LogModel(SimulatedLog log, Random random)
    {
        (_log, _random) = (log, random);
        _file = [log.FirstPage, NewPage(), NewPage()];
        Pages = [.. _file];
        (log.Salts, log.LastFrame, log.PageCount, log.CommitCounter, log.Sum, log.BigEndian) = (0, 0, 0, 0, default, random.Next(5) == 0);
        log.Cut(0);
        log.WriteDatabase(_file);
        log.WriteIndex();
    }

    /// <summary>The committed database now.</summary>
    public List<byte[]> Pages { get; private set; }

    /// <summary>Power was lost since the last capture: commits may be gone.</summary>
    public bool HasLostPower { get; set; }

    /// <summary>Somebody was attached all the time since the last capture.</summary>
    public bool WasAttachedSince { get; set; } = true;

    public string Step()
    {
        var name = _random.Next(100) switch
        {
            < 44 => Do("commit", () => Commit()),
            < 54 => Do("spill", () => Spill(endsCommit: false)),
            < 58 => Do("phantom commit", () => Spill(endsCommit: true)),
            < 74 => Do("checkpoint", Checkpoint),
            < 84 => Do("reset", () => Reset(cut: false)),
            < 88 => Do("reset and cut", () => Reset(cut: true)),
            < 93 => Do("recovery", () => Recover(isAttached: true)),
            < 96 => Do("power loss", LosePower),
            < 98 => Do("end and start", EndAndStart),
            _ => Do("restart of the sidecar", () => WasAttachedSince = false),
        };

        // The follower looks often.
        _ = _log.Attached.TryReadIndex(out _);
        return name;
    }

    private static string Do(string name, Action action)
    {
        action();
        return name;
    }

    private void Commit()
    {
        if (_log.LastFrame > 0 && _log.LastFrame == _backfilled && _random.Next(3) > 0)
        {
            Reset(cut: false);
        }

        var count = (uint)Math.Clamp(Pages.Count + _random.Next(-2, 3), 1, PagesMax);
        List<byte[]> next = [.. Pages.Take((int)count)];
        SortedSet<uint> changed = [.. Enumerable.Range(0, _random.Next(1, FramesInCommitMax)).Select(_ => (uint)_random.Next((int)count) + 1)];
        for (var page = (uint)Pages.Count + 1; page <= count; page++)
        {
            _ = changed.Add(page);
            next.Add([]);
        }

        var (sum, number) = Begin();
        uint written = 0;
        foreach (var page in changed)
        {
            next[(int)page - 1] = page == 1 ? NewFirstPage() : NewPage();
            var isLast = ++written == changed.Count;
            sum = _log.WriteFrame(sum, ++number, _log.Salts, page, isLast ? count : 0, next[(int)page - 1]);
        }

        // A disk whose sectors are not written alone: the last frame is repeated. Sometimes SQLite's page is as it was, too.
        for (var padding = _random.Next(12) == 0 ? _random.Next(1, 4) : 0; padding > 0; padding--)
        {
            sum = _log.WriteFrame(sum, ++number, _log.Salts, changed.Max, count, next[(int)changed.Max - 1]);
        }

        if (_isFirstOfGeneration && _random.Next(4) == 0)
        {
            _log.Cut(Math.Max(SimulatedLog.FrameOffset(number + 1), _random.Next(4000)));
        }

        (_log.Sum, _log.LastFrame, _log.PageCount, _log.CommitCounter) = (sum, number, count, _log.CommitCounter + 1);
        _log.WriteIndex();
        Pages = next;
    }

    /// <summary>Frames that no index names: rolled back, or of a writer that died or could not flush. Maybe far behind the end.</summary>
    private void Spill(bool endsCommit)
    {
        var index = (_log.LastFrame, _log.Sum, _log.Salts);
        var (sum, number) = Begin();
        var frames = _random.Next(1, 2 * FramesInCommitMax);
        for (var i = 1; i <= frames; i++)
        {
            var page = (uint)_random.Next(1, Pages.Count + 1);
            sum = _log.WriteFrame(sum, ++number, _log.Salts, page, endsCommit && i == frames ? (uint)Pages.Count : 0, page == 1 ? NewFirstPage() : NewPage());
        }

        (_log.LastFrame, _log.Sum, _log.Salts) = index;
    }

    /// <summary>The sum and number that the next frame follows. The first one of a generation writes the header; a connection that never reset the log draws new salts.</summary>
    private (WalSum Sum, uint Number) Begin()
    {
        _isFirstOfGeneration = _log.LastFrame == 0;
        if (!_isFirstOfGeneration)
        {
            return (_log.Sum, _log.LastFrame);
        }

        if (_log.Salts == 0 || _random.Next(6) == 0)
        {
            _log.Salts = (ulong)_random.NextInt64();
        }

        (_backfilled, _flushed) = (0, 0);
        return (_log.WriteHeader(_log.Salts), 0);
    }

    private void Checkpoint()
    {
        // Frames that were never made to last are not backfilled: the log is flushed first, so that a power loss takes none of them.
        _file = [.. Pages];
        (_backfilled, _flushed) = (_log.LastFrame, Math.Max(_flushed, _log.LastFrame));
        _log.WriteDatabase(_file);
    }

    private void Reset(bool cut)
    {
        if (_log.LastFrame != _backfilled || _log.Salts == 0)
        {
            return;
        }

        _log.Reset((uint)_random.Next());
        _backfilled = 0;
        if (cut)
        {
            _log.Cut(0);
        }
    }

    private void LosePower()
    {
        HasLostPower = true;

        // Of a log that has no frame yet everything was flushed by the checkpoint before.
        if (_log.LastFrame > 0)
        {
            var flushed = SimulatedLog.FrameOffset(_flushed + 1);
            if (_log.WalLength > flushed)
            {
                _log.Cut(flushed + _random.NextInt64(_log.WalLength - flushed + 1));
            }
        }

        Recover(isAttached: false);
    }

    /// <summary>Whoever has the database open ends cleanly and comes back: the log is gone.</summary>
    private void EndAndStart()
    {
        Checkpoint();
        if (_random.Next(2) == 0)
        {
            Commit();
            Checkpoint();
        }

        _log.Cut(0);
        (_log.Salts, _log.LastFrame, _log.PageCount, _log.CommitCounter, _log.Sum, _backfilled, _flushed) = (0, 0, 0, 0, default, 0, 0);
        _log.WriteIndex();
        WasAttachedSince = false;
    }

    private void Recover(bool isAttached)
    {
        WasAttachedSince &= isAttached;
        var wal = _log.ReadWal();
        (_log.Salts, _log.LastFrame, _log.PageCount, _log.CommitCounter, _log.Sum) = (0, 0, 0, 0, default);
        List<byte[]> pages = [.. _file];
        var isBigEndian = wal.Length > 0 && (wal[3] & 1) == 1;
        var sum = wal.Length > SimulatedLog.HeaderSize ? default(WalSum).Add(wal.AsSpan(0, 24), isBigEndian) : default;
        if (wal.Length > SimulatedLog.HeaderSize && Stored(wal.AsSpan(24)) == sum)
        {
            (_log.Salts, _log.BigEndian) = (BinaryPrimitives.ReadUInt64BigEndian(wal.AsSpan(16)), isBigEndian);
            var open = new Dictionary<uint, byte[]>();
            for (uint number = 1; SimulatedLog.FrameOffset(number + 1) <= wal.Length; number++)
            {
                var frame = wal.AsSpan((int)SimulatedLog.FrameOffset(number), SimulatedLog.FrameSize);
                sum = sum.Add(frame[..8], isBigEndian).Add(frame[24..], isBigEndian);
                if (BinaryPrimitives.ReadUInt64BigEndian(frame[8..]) != _log.Salts || Stored(frame[16..]) != sum)
                {
                    break;
                }

                open[BinaryPrimitives.ReadUInt32BigEndian(frame)] = frame[24..].ToArray();
                var count = BinaryPrimitives.ReadUInt32BigEndian(frame[4..]);
                if (count > 0)
                {
                    pages = Apply(pages, open, count);
                    open.Clear();
                    (_log.LastFrame, _log.PageCount, _log.Sum) = (number, count, sum);
                }
            }
        }

        _backfilled = Math.Min(_backfilled, _log.LastFrame);
        _log.WriteIndex();
        Pages = pages;
    }

    private static List<byte[]> Apply(List<byte[]> pages, Dictionary<uint, byte[]> frames, uint count)
    {
        List<byte[]> next = [];
        for (uint page = 1; page <= Math.Max(count, (uint)pages.Count); page++)
        {
            next.Add(frames.TryGetValue(page, out var content) ? content : page <= pages.Count ? pages[(int)page - 1] : new byte[SimulatedLog.PageSize]);
        }

        return [.. next.Take((int)count)];
    }

    private static WalSum Stored(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    /// <summary>Now and then as some page was before: then a commit changes nothing.</summary>
    private byte[] NewPage()
    {
        var page = new byte[SimulatedLog.PageSize];
        new Random(_random.Next(10) == 0 ? _contents : ++_contents).NextBytes(page);
        return page;
    }

    private byte[] NewFirstPage()
    {
        byte[] page = [.. _log.FirstPage];
        BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(60), ++_contents);
        return page;
    }
}
