using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Changes whose page numbers are known and whose contents come from a read transaction, which is open until this is disposed.</summary>
internal sealed class ImageChanges(WalCursor cursor, LiveWalImage image, IReadOnlyList<uint> pages, uint commits)
    : LogChanges(CaptureMethod.OldTail, cursor, image.Facts.Shape, pages, commits)
{
    public override bool HoldsReadMark => true;

    public override void Read(int index, Span<byte> page) => image.ReadPages(Pages[index], page);

    public override void EnsureProved() => image.EnsureUnchanged();

    public override void Dispose()
    {
        image.Dispose();
        base.Dispose();
    }
}
