using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>What can be seen of a database from outside, without opening it: a reason to look closer when it differs, never a proof that nothing changed.</summary>
internal sealed record FileTraces(FileTrace Database, FileTrace Wal, FileTrace Journal)
{
    public static FileTraces Of(string path) => new(
        FileTrace.Of(path), FileTrace.Of(path + SourceFile.WalSuffix), FileTrace.Of(path + SourceFile.JournalSuffix));
}
