using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>What is known of a source at the position that its page-hash table describes.</summary>
/// <param name="Repository">Where its packs are.</param>
/// <param name="Source">Whose pages.</param>
/// <param name="Position">The captured commit.</param>
/// <param name="Pack">The pack that led to the position when it was captured. Compaction may since have replaced it.</param>
/// <param name="File">The database file, in the captured state.</param>
/// <param name="Log">Where the next capture goes on in the write-ahead log; null: nowhere, it compares page hashes.</param>
internal sealed record CaptureState(
    RepositoryId Repository,
    SourceId Source,
    Position Position,
    PackId Pack,
    CapturedFile File,
    WalCursor? Log);
