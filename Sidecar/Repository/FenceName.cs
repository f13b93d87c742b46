using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a fence: what was put under a lease counts up to this announcement, and nothing after it. Written by whoever takes over.</summary>
/// <remarks><code>fences/LEASE-ANNOUNCEMENT.json</code> Hexadecimal, lowercase, of fixed width; announcement 0: nothing counts.</remarks>
internal readonly record struct FenceName(long Lease, long Announcement)
{
    private const int FieldLength = 16;

    public static bool TryParse(ObjectName name, out FenceName fence)
    {
        fence = default;
        var text = name.ToString();
        var length = RepositoryLayout.FenceFolder.Length + FieldLength + 1 + FieldLength + RepositoryLayout.FenceSuffix.Length;
        if (text.Length != length || !text.StartsWith(RepositoryLayout.FenceFolder, StringComparison.Ordinal))
        {
            return false;
        }

        var fields = text.AsSpan(RepositoryLayout.FenceFolder.Length);
        if (!WriterStamp.TryParse(fields[..FieldLength], out var lease) || !WriterStamp.TryParse(fields.Slice(FieldLength + 1, FieldLength), out var announcement))
        {
            return false;
        }

        fence = new FenceName(lease, announcement);
        return lease > 0 && fence.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName() => ObjectName.Parse(string.Create(CultureInfo.InvariantCulture, $"{RepositoryLayout.FenceFolder}{Lease:x16}-{Announcement:x16}{RepositoryLayout.FenceSuffix}"));

    public override string ToString() => ToObjectName().ToString();
}
