namespace BackupSidecar.DriveEmulator.Control;

/// <summary>The role of an account on a file, a folder or a shared drive.</summary>
internal sealed record MemberDocument
{
    public required string FileId { get; init; }

    public required string Account { get; init; }

    /// <summary>reader, commenter, writer, fileOrganizer or organizer; null: none any more.</summary>
    public string? Role { get; init; }
}
