using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>Changes whose page numbers are known and whose contents come from a read transaction, which is open until this is disposed.</summary>
internal sealed class ImageChanges(CaptureMethod method, WalCursor cursor, LiveWalImage image, IReadOnlyList<uint> pages, uint commits)
    : LogChanges(method, cursor, image.Facts.Shape, pages, commits)
{
    public override bool HoldsReadMark => true;

    /// <summary>The longest read transaction before this one, where there were several.</summary>
    public TimeSpan LongestWindow { get; init; }

    /// <summary>The database file in this state.</summary>
    public CapturedFile File => CapturedFile.Of(image);

    public override void Read(int index, Span<byte> page) => image.ReadPages(Pages[index], page);

    public override void EnsureProved() => image.EnsureUnchanged();

    public override void Dispose()
    {
        image.Dispose();
        base.Dispose();
    }
}
