namespace BackupSidecar.Testing;

/// <summary>Everything in and beside a database that a reader must leave as it is: files, inodes, owners, bytes of database and WAL.</summary>
/// <remarks>Of <c>-shm</c> only presence, owner and inode count: readers set marks there, and WAL recovery rewrites it.</remarks>
internal sealed record DatabaseSnapshot(IReadOnlyList<string> Lines)
{
    /// <summary>One line per file and one for the header, to compare in an assertion that shows the difference.</summary>
    public override string ToString() => string.Join('\n', Lines);
}
