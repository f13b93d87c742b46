namespace BackupSidecar.Repository;

/// <summary>What was said of a backup after it was made. Manifests never change: of the marks of a backup the one that was set last counts.</summary>
/// <param name="Name">It tells all but the labels.</param>
/// <param name="Labels">All of them, in the place of those in the manifest. See <see cref="BackupLabel"/>.</param>
internal sealed record BackupMark(BackupMarkName Name, IReadOnlyList<string> Labels);
