namespace BackupSidecar.Following;

/// <summary>A credential is worth nothing any more: nothing but a new one helps.</summary>
/// <param name="Since">When this process was told so.</param>
/// <param name="Reason">In the words of who gave it, such as <c>invalid_grant</c>.</param>
/// <param name="Hint">What to do.</param>
internal sealed record CredentialDeath(DateTimeOffset Since, string Reason, string Hint);
