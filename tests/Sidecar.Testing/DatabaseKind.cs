namespace BackupSidecar.Testing;

/// <summary>A kind of database that applications have, as the statements that make, change and shrink it.</summary>
internal sealed record DatabaseKind(string Name, int PageSizeBytes, string Pragmas, string Create, string Change, string Shrink)
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)";

    private static readonly DatabaseKind Plain = new(
        "plain",
        4096,
        "",
        $"CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB); CREATE INDEX t_name ON t(name); INSERT INTO t {Numbers} SELECT i, hex(randomblob(20)), randomblob(700) FROM n;",
        $"UPDATE t SET body = randomblob(900) WHERE id % 7 = 0; INSERT INTO t {Numbers} SELECT 400 + i, hex(randomblob(20)), randomblob(300) FROM n;",
        "DELETE FROM t WHERE id % 10 <> 0; VACUUM;");

    public static IReadOnlyList<DatabaseKind> All { get; } =
    [
        .. new[] { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 }.Select(size => Plain with { Name = $"pages of {size} bytes", PageSizeBytes = size }),
        Plain with { Name = "auto_vacuum full", Pragmas = "PRAGMA auto_vacuum=FULL;", Shrink = "DELETE FROM t WHERE id % 10 <> 0;" },
        Plain with { Name = "auto_vacuum incremental", Pragmas = "PRAGMA auto_vacuum=INCREMENTAL;", Shrink = "DELETE FROM t WHERE id % 10 <> 0; PRAGMA incremental_vacuum;" },
        Plain with { Name = "UTF-16", Pragmas = "PRAGMA encoding='UTF-16le';" },
        Plain with
        {
            Name = "without rowid",
            Create = $"CREATE TABLE t(a TEXT, b INTEGER, body BLOB, PRIMARY KEY(a, b)) WITHOUT ROWID; INSERT INTO t {Numbers} SELECT hex(randomblob(8)), i, randomblob(500) FROM n;",
            Change = "UPDATE t SET b = -b WHERE b % 3 = 0;",
            Shrink = "DELETE FROM t WHERE b % 10 <> 0; VACUUM;",
        },
        Plain with
        {
            Name = "full-text search",
            Create = $"CREATE VIRTUAL TABLE t USING fts5(title, body); INSERT INTO t {Numbers} SELECT 'title ' || i, hex(randomblob(40)) || ' word' || (i % 17) FROM n;",
            Change = "UPDATE t SET title = 'changed' WHERE rowid % 5 = 0; INSERT INTO t(t) VALUES('optimize');",
            Shrink = "DELETE FROM t WHERE rowid % 10 <> 0; INSERT INTO t(t) VALUES('rebuild'); VACUUM;",
        },
        Plain with
        {
            Name = "r-tree",
            Create = $"CREATE VIRTUAL TABLE t USING rtree(id, x0, x1, y0, y1); INSERT INTO t {Numbers} SELECT i, i, i + 2, -i, 3 - i FROM n;",
            Change = "UPDATE t SET x1 = x1 + 10 WHERE id % 4 = 0;",
            Shrink = "DELETE FROM t WHERE id % 10 <> 0; VACUUM;",
        },
        Plain with { Name = "no table", Create = "PRAGMA user_version=1;", Change = "PRAGMA user_version=2;", Shrink = "VACUUM;" },
    ];

    public static DatabaseKind Named(string name) => All.Single(kind => kind.Name == name);

    /// <summary>Makes the database on an open connection to a file that does not exist yet; the connection stays open.</summary>
    public async Task CreateAsync(WriterProcess app, string connection, string journalMode)
    {
        await app.ExecuteAsync(connection, $"PRAGMA page_size={PageSizeBytes}; {Pragmas}");
        await app.ExecuteAsync(connection, $"PRAGMA journal_mode={journalMode}");
        await app.ExecuteAsync(connection, Create);
    }

    public override string ToString() => Name;
}
