using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting;

/// <summary>What serve itself says.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "serve has started; sources: {Sources}, repository: {Repository}, state: {State}")]
    public static partial void Started(ILogger log, int sources, string repository, string state);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}' is followed: {Path}")]
    public static partial void SourceAdded(ILogger log, string source, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}' is paused: {Path}")]
    public static partial void SourcePaused(ILogger log, string source, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}' has changed settings, taken over while it runs")]
    public static partial void SourceChanged(ILogger log, string source);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}' is followed no more: {Path}")]
    public static partial void SourceRemoved(ILogger log, string source, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "source '{Source}' failed: {Problem}; next try in {Delay}")]
    public static partial void SourceFailed(ILogger log, Exception exception, string source, string problem, string delay);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}' has caught up again, {Delay} after it failed first")]
    public static partial void SourceRecovered(ILogger log, string source, string delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "source '{Source}' failed in its final capture: {Problem}")]
    public static partial void FinalCaptureFailed(ILogger log, Exception exception, string source, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "source '{Source}': {Outcome}")]
    public static partial void RestoreRecovered(ILogger log, string source, string outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "discovery: {Problem}")]
    public static partial void DiscoveryProblem(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the configuration is kept as it was: {Problem}")]
    public static partial void ReloadRefused(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key} cannot change while serve runs and is ignored: restart serve")]
    public static partial void ChangeIgnored(ILogger log, string key);

    [LoggerMessage(Level = LogLevel.Information, Message = "the configuration was read again")]
    public static partial void Reloaded(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "compaction of source '{Source}' failed: {Problem}")]
    public static partial void CompactionFailed(ILogger log, Exception exception, string source, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "compaction of source '{Source}' left something alone: {Problem} {Hint}")]
    public static partial void CompactionDoubt(ILogger log, string source, string problem, string hint);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': {Count} deleted backups are gone, as their grace is over")]
    public static partial void BackupsEnded(ILogger log, string source, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "source '{Source}': its scheduled {What} failed: {Problem}")]
    public static partial void ScheduledRunFailed(ILogger log, Exception exception, string source, string what, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "source '{Source}': what is stored is damaged, and a new full is made now: {Problem}")]
    public static partial void StartsAnew(ILogger log, string source, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem} {Hint}")]
    public static partial void RecordUnusable(ILogger log, string problem, string hint);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': backup {Backup} keeps position {Position}")]
    public static partial void Kept(ILogger log, string source, string backup, string position);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': position {Position} restores, proved in {Duration}")]
    public static partial void Proved(ILogger log, string source, string position, string duration);

    [LoggerMessage(Level = LogLevel.Information, Message = "source '{Source}': {Merged} packs merged into {Merges} ({Bytes} bytes), {Deleted} packs deleted")]
    public static partial void Compacted(ILogger log, string source, int merged, int merges, long bytes, int deleted);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    public static partial void CredentialOpen(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "repository '{Remote}' is fed: {Location}")]
    public static partial void RemoteOpened(ILogger log, string remote, string location);

    [LoggerMessage(Level = LogLevel.Debug, Message = "repository '{Remote}', source '{Source}': {Merges} merged packs put, {Far} of them by reading what is there, {Deleted} packs and {Backups} deleted backups removed")]
    public static partial void RemoteTidied(ILogger log, string remote, string source, int merges, int far, int deleted, int backups);

    [LoggerMessage(Level = LogLevel.Error, Message = "repository '{Remote}', source '{Source}', something is left alone: {Problem} {Hint}")]
    public static partial void RemoteDoubt(ILogger log, string remote, string source, string problem, string hint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "source '{Source}' is new here, and repository '{Remote}' cannot be asked what it holds of it: positions are numbered after {Number}")]
    public static partial void HistoryUnknown(ILogger log, string remote, string source, string number);

    [LoggerMessage(Level = LogLevel.Debug, Message = "repository '{Remote}': source '{Source}' is there up to position {Position}; {Packs} packs ({Bytes} bytes) and {Backups} backups put")]
    public static partial void Fed(ILogger log, string remote, string source, string position, int packs, long bytes, int backups);

    [LoggerMessage(Level = LogLevel.Warning, Message = "repository '{Remote}' does not get source '{Source}': {Problem}")]
    public static partial void RemoteFailed(ILogger log, Exception exception, string remote, string source, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "repository '{Remote}' has everything of source '{Source}' again, {Delay} after it failed first")]
    public static partial void RemoteRecovered(ILogger log, string remote, string source, string delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "repository '{Remote}' lacks the last commits, which are stored locally: {Sources}")]
    public static partial void RemoteBehindAtEnd(ILogger log, string remote, string sources);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the status socket failed: {Problem}")]
    public static partial void StatusFailed(ILogger log, Exception exception, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "serve is asked to end: it captures until no app is attached, at most {Patience}, then once more")]
    public static partial void Ending(ILogger log, string patience);

    [LoggerMessage(Level = LogLevel.Information, Message = "serve has ended: every source has its final capture")]
    public static partial void Ended(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "serve has ended; commits after the final capture were possible: {Sources}")]
    public static partial void EndedWithDoubts(ILogger log, string sources);
}
