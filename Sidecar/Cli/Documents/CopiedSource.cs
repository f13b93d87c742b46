namespace BackupSidecar.Cli.Documents;

/// <summary>What a copy did for one source.</summary>
internal sealed record CopiedSource(string Source, ulong? Position, string? Timeline, int Packs, long Bytes, int Backups, int Marks);
