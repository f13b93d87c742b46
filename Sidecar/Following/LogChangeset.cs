using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>From what a log says has changed to a published pack.</summary>
/// <remarks>
/// (1) Read the changed pages, each proved, and hash them          Capture
/// (2) Drop those that are as the last position has them           Capture
/// (3) Compress and stage what is left                             Pack
/// (4) Prove the reading as a whole, let go of the database        Capture
/// (5) Put the pack                                                Repository   ◄ the position exists from here on
/// (6) Keep the page hashes and the cursor                         Capture
/// A crash before (5) leaves a temporary file; before (6) a local state that is one position behind, which the next start finds.
/// </remarks>
internal sealed class LogChangeset(BackupRepository repository, SourceRecord source, FollowOptions options, StateDirectory state, TimeProvider time)
{
}
