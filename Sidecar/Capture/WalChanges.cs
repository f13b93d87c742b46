using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Changes whose frames all stand in the log. Nothing is held: each page proves itself when it is read.</summary>
/// <param name="cursor">The end of the tail.</param>
/// <param name="shape">At the end of the tail.</param>
/// <param name="pages">The pages of the tail, and new ones that no frame holds.</param>
/// <param name="tail">Its newest frames, in page order.</param>
/// <param name="frameOf">For each page its place in the tail, or -1.</param>
/// <param name="database">For pages that no frame holds.</param>
internal sealed class WalChanges(
    WalCursor cursor, DatabaseShape shape, IReadOnlyList<uint> pages, WalTail tail, IReadOnlyList<int> frameOf, SqliteFile database)
    : LogChanges(CaptureMethod.Wal, cursor, shape, pages, tail.Commits)
{
    public override bool HoldsReadMark => false;

    /// <inheritdoc/>
    /// <remarks>
    /// A page that came with a growth and is in no frame was given back within its transaction: SQLite does not write what a free page holds, and
    /// whatever the file has there, zero past its end, is as good as anything.
    /// </remarks>
    public override void Read(int index, Span<byte> page)
    {
        if (frameOf[index] >= 0)
        {
            tail.ReadPage(frameOf[index], page);
        }
        else
        {
            _ = database.TryRead(Shape.OffsetOf(Pages[index]), page);
        }
    }

    public override void EnsureProved()
    {
        // Each page was.
    }
}
