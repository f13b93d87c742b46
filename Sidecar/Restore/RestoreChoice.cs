namespace BackupSidecar.Restore;

/// <summary>Which restore point is wanted. At most one is set; none means the newest.</summary>
/// <param name="Backup">The id of a backup, or the first characters of one.</param>
/// <param name="Label">The newest backup with this label.</param>
/// <param name="Position">A position as people write it.</param>
/// <param name="At">The newest restore point not after this time.</param>
internal sealed record RestoreChoice(string? Backup, string? Label, string? Position, DateTimeOffset? At)
{
    public static RestoreChoice Newest { get; } = new(null, null, null, null);
}
