using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>A database in WAL mode, read in one short read transaction after the other, so that no read mark lasts longer than a window.</summary>
/// <remarks>
/// What was read in an earlier window may have changed since. Which pages these are, the log says from window to window, and <see cref="ChangedSince"/> holds
/// them; where the log cannot say it, the reading starts over. So the pages are one state only after the changed ones were read again, in the window
/// that <see cref="Finish"/> returns. Reading is safe in parallel; one read at a time goes to the file.
/// </remarks>
internal sealed class WindowedImage : IDatabaseImage
{
    private readonly AttachedDatabase _database;
    private readonly TimeSpan _window;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private readonly HashSet<uint> _changed = [];
    private LiveWalImage? _image;
    private WalCursor _trackedTo;
    private long _opened;

    public WindowedImage(AttachedDatabase database, TimeSpan window, TimeProvider time)
    {
        _database = database;
        _window = window;
        _time = time;
        _image = Open();
        _trackedTo = CursorOf(_image);
        Facts = _image.Facts with { Reading = "write-ahead log, in windows" };
    }

    /// <summary>Of the first window. The database may have grown or shrunk since.</summary>
    public ImageFacts Facts { get; }

    /// <summary>The longest time that one read mark was held.</summary>
    public TimeSpan LongestWindow { get; private set; }

    TimeSpan? IDatabaseImage.LongestHold => LongestWindow;

    /// <summary>Pages that may have changed since they were read, in no order.</summary>
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

    /// <summary>A last window, in which the changed pages are to be read again. It belongs to the caller.</summary>
    public LiveWalImage Finish()
    {
        lock (_reading)
        {
            Close();
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
        lock (_reading)
        {
            _image?.Dispose();
            _image = null;
        }
    }

    private LiveWalImage Window()
    {
        if (_image is not null && _time.GetElapsedTime(_opened) < _window)
        {
            return _image;
        }

        Close();
        _image = Open();
        Track(_image);
        return _image;
    }

    private LiveWalImage Open()
    {
        _opened = _time.GetTimestamp();
        return _database.OpenImage();
    }

    private void Close()
    {
        if (_image is not null)
        {
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
            _changed.UnionWith(changes.Pages);
            _trackedTo = changes.Cursor;
        }
    }

    private static WalCursor CursorOf(LiveWalImage image) =>
        image.Facts.Cursor ?? throw new ImageChangedException("the log went on between the read transaction and the look at its index");
}
