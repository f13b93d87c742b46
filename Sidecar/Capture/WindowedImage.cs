using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>A database in WAL mode, read in one short read transaction after the other, so that no read mark lasts longer than a window.</summary>
/// <remarks>
/// What was read in an earlier window may have changed since. Which pages these are, the log says from window to window, and <see cref="ChangedSince"/> holds
/// them; where the log cannot say it, the reading starts over. So the pages are one state only after the changed ones were read again, in the window
/// that <see cref="Finish"/> returns. Reading is safe in parallel; one read at a time goes to the file.
/// A window ends by the clock, also while whoever reads waits for something else, and the next one begins. Where the log has grown, or a checkpoint of the app waits for us,
/// a pause follows it, since an app that looks only now and then whether it may go on would else never find a moment without a read mark.
/// </remarks>
internal sealed class WindowedImage : IDatabaseImage
{
    /// <summary>How often it is looked whether a window is over that nobody reads in, and what has changed while none is open.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>Where opening a window takes long, because the log has many frames, a window lasts this many times as long: else nothing else would be done.</summary>
    private const int OpeningsMin = 3;

    /// <summary>From as many frames on an application wants to start its log anew, by default.</summary>
    private const uint FramesOfGrownLog = 1000;

    /// <summary>Longer than SQLite's busy handler sleeps between two looks in the first 100 ms.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(26);

    /// <summary>It sleeps 100 ms at most. A checkpoint that is not through by then copies pages, and needs nothing of us.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(250);

    private readonly AttachedDatabase _database;
    private readonly TimeSpan _window;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _reading = new();
    private GrowingPageSet _changed = new();
    private LiveWalImage? _image;
    private WalCursor _trackedTo;
    private long _opened;
    private TimeSpan _opening;
    private bool _isFinished;

    public WindowedImage(AttachedDatabase database, TimeSpan window, TimeProvider time)
    {
        _database = database;
        _window = window;
        _time = time;
        _image = Open();
        try
        {
            _trackedTo = CursorOf(_image);
        }
        catch
        {
            _image.Dispose();
            throw;
        }

        Facts = _image.Facts with { Reading = "write-ahead log, in windows" };
        _timer = time.CreateTimer(_ => KeepTime(), state: null, Look, Look);
    }

    /// <summary>Of the first window. The database may have grown or shrunk since.</summary>
    public ImageFacts Facts { get; }

    /// <summary>The longest time that one read mark was held.</summary>
    public TimeSpan LongestWindow { get; private set; }

    TimeSpan? IDatabaseImage.LongestHold => LongestWindow;

    /// <summary>Pages that may have changed since they were read. To be looked at after <see cref="Finish"/>.</summary>
    public IReadOnlyCollection<uint> ChangedSince => _changed;

    /// <inheritdoc/>
    /// <remarks>Pages that no longer exist come out as zero: they are past the end when the reading is finished, or among the changed ones.</remarks>
    public void ReadPages(uint firstPage, Span<byte> destination)
    {
        lock (_reading)
        {
            var image = Window();
            var shape = image.Facts.Shape;
            var count = (uint)(destination.Length / shape.PageSizeBytes);
            var there = firstPage > shape.PageCount ? 0 : Math.Min(count, shape.PageCount - firstPage + 1);
            if (there > 0)
            {
                image.ReadPages(firstPage, destination[..(int)(there * shape.PageSizeBytes)]);
            }

            destination[(int)(there * shape.PageSizeBytes)..].Clear();
        }
    }

    public void EnsureUnchanged()
    {
        // Every change is found by the log.
    }

    /// <summary>The pages that may have changed since they were read, to be read again: from now on they are in no list but the caller's.</summary>
    public GrowingPageSet TakeChanged()
    {
        lock (_reading)
        {
            // The log may have been looked at further than the window sees that is open now: what is read again is to be read in a later one.
            Close();
            (var taken, _changed) = (_changed, new GrowingPageSet());
            return taken;
        }
    }

    /// <summary>Pages that were taken and not read again.</summary>
    public void PutBack(GrowingPageSet taken)
    {
        lock (_reading)
        {
            _changed.AddAll(taken);
        }
    }

    /// <summary>A last window, in which the changed pages are to be read again. It belongs to the caller.</summary>
    public LiveWalImage Finish()
    {
        lock (_reading)
        {
            Close();
            _isFinished = true;
            var image = Open();
            try
            {
                Track(image);
                return image;
            }
            catch
            {
                image.Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_reading)
        {
            _isFinished = true;
            _image?.Dispose();
            _image = null;
        }
    }

    private LiveWalImage Window()
    {
        if (_image is not null && !IsWindowOver())
        {
            return _image;
        }

        return Next();
    }

    private LiveWalImage Next()
    {
        Close();
        Pause();
        _image = Open();
        try
        {
            Track(_image);
            return _image;
        }
        catch
        {
            _image.Dispose();
            _image = null;
            throw;
        }
    }

    private bool IsWindowOver() => _time.GetElapsedTime(_opened) is var lasted && lasted >= _window && lasted >= _opening * OpeningsMin;

    private LiveWalImage Open()
    {
        _opened = _time.GetTimestamp();
        var image = _database.OpenImage();
        _opening = _time.GetElapsedTime(_opened);
        return image;
    }

    private void Close()
    {
        if (_image is not null)
        {
            // A TRUNCATE that waits for the end of this window takes with it what the log says of the commits before it.
            TryTrack(_image);
            _image.EnsureUnchanged();
            _image.Dispose();
            _image = null;
            var lasted = _time.GetElapsedTime(_opened);
            LongestWindow = lasted > LongestWindow ? lasted : LongestWindow;
        }
    }

    /// <summary>Adds what has changed up to this window. What changes later is found by the next one, also what this one has already read in its new state.</summary>
    private void Track(LiveWalImage image)
    {
        if (image.Facts.Shape.PageSizeBytes != Facts.Shape.PageSizeBytes)
        {
            throw new ImageChangedException("the page size changed while the database was read");
        }

        var outcome = LogCapture.Find(_database, _trackedTo, isOfThisAttachment: true, image);
        if (outcome.Refusal is { } refusal)
        {
            throw new ImageChangedException($"what changed while the database was read cannot be told: {refusal}");
        }

        if (outcome.Changes is { } changes)
        {
            _changed.AddAll(changes.Pages);
            _trackedTo = changes.Cursor;
        }
    }

    /// <summary>Lets the app start its log anew, and looks meanwhile what it does, since only one new start between two looks can be told.</summary>
    private void Pause()
    {
        var began = _time.GetTimestamp();
        var wait = new SpinWait();
        while (_time.GetElapsedTime(began) is var lasted
            && ((lasted < PauseMin && _trackedTo.Frame >= FramesOfGrownLog) || (lasted < PauseMax && _database.IsAnotherCheckpointing())))
        {
            // Past the first spins each one sleeps a millisecond.
            wait.SpinOnce(sleep1Threshold: 20);
            TryTrack(pinned: null);
        }
    }

    /// <summary>As <see cref="Track"/>, at other moments. What cannot be told is told, or refused, when the next window opens.</summary>
    private void TryTrack(LiveWalImage? pinned)
    {
        try
        {
            if (_database.TryReadIndex(out var log) && LogCapture.Find(_database, _trackedTo, log, isOfThisAttachment: true, pinned).Changes is { } changes)
            {
                _changed.AddAll(changes.Pages);
                _trackedTo = changes.Cursor;
                if (pinned is null)
                {
                    changes.Dispose();
                }
            }
        }
        catch (ImageChangedException)
        {
            // Overtaken: the next look decides again.
        }
    }

    private void KeepTime()
    {
        // Whoever reads keeps the time as well.
        if (!_reading.TryEnter())
        {
            return;
        }

        try
        {
            if (!_isFinished && _image is null)
            {
                TryTrack(pinned: null);
            }
            else if (!_isFinished && IsWindowOver())
            {
                // Without a next one, the app could start its log anew more often than can be told.
                _ = Next();
            }
        }
        catch (Exception e) when (e is ImageChangedException or OperatorException)
        {
            // Whoever reads next meets the same.
        }
        finally
        {
            _reading.Exit();
        }
    }

    private static WalCursor CursorOf(LiveWalImage image) =>
        image.Facts.Cursor ?? throw new ImageChangedException("the log went on between the read transaction and the look at its index");
}
