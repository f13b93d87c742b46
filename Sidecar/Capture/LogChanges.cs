using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>What a log says has changed since a cursor: page numbers, and a way to read each page as it is at the new cursor.</summary>
internal abstract class LogChanges(CaptureMethod method, WalCursor cursor, DatabaseShape shape, IReadOnlyList<uint> pages, uint commits) : IDisposable
{
    public CaptureMethod Method => method;

    /// <summary>Where the next capture goes on.</summary>
    public WalCursor Cursor => cursor;

    /// <summary>Of the database at the new cursor.</summary>
    public DatabaseShape Shape => shape;

    /// <summary>Ascending, each once, none past the end of the database, never the lock-byte page. More than what differs, never less.</summary>
    public IReadOnlyList<uint> Pages => pages;

    /// <summary>Commits since the old cursor.</summary>
    public uint Commits => commits;

    /// <summary>True if a read transaction of ours is open until this is disposed, so that the application cannot start its log anew.</summary>
    public abstract bool HoldsReadMark { get; }

    /// <summary>Reads <c>Pages[index]</c> as it is at the new cursor.</summary>
    /// <exception cref="ImageChangedException">It is no longer to be had: decide again.</exception>
    public abstract void Read(int index, Span<byte> page);

    /// <summary>To be called after the last read, before anything that was read is made to last.</summary>
    /// <exception cref="ImageChangedException">What was read is not one state.</exception>
    public abstract void EnsureProved();

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
