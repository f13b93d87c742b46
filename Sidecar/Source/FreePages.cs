using System.Buffers.Binary;

namespace BackupSidecar.Source;

/// <summary>The pages that hold nothing: leaves of the free list (SQLite file format, section 1.5).</summary>
/// <remarks>
/// SQLite writes such a page neither to the log nor to the database when it is given back, so that what it holds is nobody's, and may change
/// without a commit. The trunks of the list are written as other pages are.
/// </remarks>
internal static class FreePages
{
    private const int FirstTrunkOffset = 32;
    private const int LeafCountOffset = 4;
    private const int LeavesOffset = 8;

    /// <returns>What can be found: a list that is damaged ends early.</returns>
    public static HashSet<uint> Read(IDatabaseImage image)
    {
        HashSet<uint> leaves = [];
        var shape = image.Facts.Shape;
        if (shape.PageCount == 0)
        {
            return leaves;
        }

        var page = new byte[shape.PageSizeBytes];
        image.ReadPages(1, page);
        var trunk = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(FirstTrunkOffset));
        for (HashSet<uint> trunks = []; trunk > 0 && trunk <= shape.PageCount && trunks.Add(trunk); trunk = BinaryPrimitives.ReadUInt32BigEndian(page))
        {
            image.ReadPages(trunk, page);
            var count = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(LeafCountOffset)), (uint)(page.Length - LeavesOffset) / sizeof(uint));
            for (var i = 0; i < count; i++)
            {
                _ = leaves.Add(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(LeavesOffset + (i * sizeof(uint)))));
            }
        }

        return leaves;
    }
}
