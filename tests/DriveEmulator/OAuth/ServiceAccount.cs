namespace BackupSidecar.DriveEmulator.OAuth;

/// <param name="ClientId">A number, by which an administrator names it when he lets it act for users.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo in PEM.</param>
/// <param name="ActsFor">Users that it may act for; an asterisk: all.</param>
internal sealed record ServiceAccount(string Email, string ClientId, string KeyId, string PublicKey, IReadOnlyList<string> ActsFor);
