using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Where things lie in a repository. Names are the index: one listing rebuilds the graph of positions.</summary>
/// <remarks>
/// <code>
/// repository.json                              what this is: format version, repository id
/// sources/NAME.json                            a source's name and id, created once
/// packs/SOURCE/TO-FROM-TIME-PACK.pack          a changeset                (PackName)
/// manifests/SOURCE/POSITION-TIME-BACKUP-SHA256.json   a backup            (ManifestName)
/// tombstones/SOURCE/TIME-ID.json               packs that are about to go (TombstoneName)
/// marks/SOURCE/BACKUP-TIME-STATE.json          labels, pin or deletion of a backup (BackupMarkName)
/// fences/LEASE-ANNOUNCEMENT.json               how far a writer counts that was taken over (FenceName)
/// </code>
/// What a writer under a lease puts among packs, manifests, tombstones and marks has <c>-LEASE-ANNOUNCEMENT</c> at the end of its name (WriterStamp).
/// </remarks>
internal static class RepositoryLayout
{
    public const string PackFolder = "packs/";
    public const string PackSuffix = ".pack";
    public const string ManifestFolder = "manifests/";
    public const string ManifestSuffix = ".json";
    public const string TombstoneFolder = "tombstones/";
    public const string TombstoneSuffix = ".json";
    public const string MarkFolder = "marks/";
    public const string MarkSuffix = ".json";
    public const string SourceFolder = "sources/";
    public const string SourceSuffix = ".json";
    public const string FenceFolder = "fences/";
    public const string FenceSuffix = ".json";

    public static readonly ObjectName Config = ObjectName.Parse("repository.json");

    public static string PacksOf(SourceId source) => $"{PackFolder}{source}/";

    public static string ManifestsOf(SourceId source) => $"{ManifestFolder}{source}/";

    public static string TombstonesOf(SourceId source) => $"{TombstoneFolder}{source}/";

    public static string MarksOf(SourceId source) => $"{MarkFolder}{source}/";

    public static ObjectName RecordOf(string sourceName) => ObjectName.Parse($"{SourceFolder}{sourceName}{SourceSuffix}");
}
