using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Tests.Capture;

/// <summary>A database in memory that can fail at a page or in the end.</summary>
internal sealed class FakeImage(DatabaseShape shape, Func<uint, byte[]?> content) : IDatabaseImage
{
    public ImageFacts Facts { get; } = new(shape, IsWal: true, 0, 0, default, "memory");

    /// <summary>Thrown by a read that touches this page.</summary>
    public (uint Page, Exception Error)? Failure { get; init; }

    public Exception? FailureAtTheEnd { get; init; }

    public bool WasCheckedAtTheEnd { get; private set; }

    public static FakeImage Of(int pageSizeBytes, IReadOnlyList<byte[]> pages) =>
        new(new DatabaseShape(pageSizeBytes, (uint)pages.Count), page => pages[(int)page - 1]);

    public void ReadPages(uint firstPage, Span<byte> destination)
    {
        for (var page = firstPage; destination.Length > 0; page++, destination = destination[shape.PageSizeBytes..])
        {
            if (page == 0 || page > shape.PageCount)
            {
                throw new InvalidOperationException($"Page {page} was asked for.");
            }

            if (Failure is { } failure && failure.Page == page)
            {
                throw failure.Error;
            }

            // A page without content is all zero.
            destination[..shape.PageSizeBytes].Clear();
            content(page)?.CopyTo(destination);
        }
    }

    public void EnsureUnchanged()
    {
        WasCheckedAtTheEnd = true;
        if (FailureAtTheEnd is not null)
        {
            throw FailureAtTheEnd;
        }
    }

    public void Dispose()
    {
    }
}
