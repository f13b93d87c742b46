namespace BackupSidecar.Api;

/// <summary>A feature of each connection that a listener of ours accepts.</summary>
internal interface ICaller
{
    /// <param name="authorization">The header of that name of one call; null: there is none.</param>
    CallerRole RoleOf(string? authorization);

    /// <summary>A call without a role could have one.</summary>
    bool NeedsToken { get; }
}
