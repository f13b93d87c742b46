namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>All that the OAuth endpoints remember, as it is kept on disk.</summary>
internal sealed record OAuthDocument
{
    public IReadOnlyList<AccessToken> AccessTokens { get; init; } = [];

    public IReadOnlyList<RefreshToken> RefreshTokens { get; init; } = [];

    public IReadOnlyList<AuthorizationCode> Codes { get; init; } = [];

    public IReadOnlyList<DeviceGrant> Devices { get; init; } = [];

    public IReadOnlyList<ServiceAccount> ServiceAccounts { get; init; } = [];

    public IReadOnlyList<RegisteredClient> Clients { get; init; } = [];

    /// <summary>Without what is over.</summary>
    public OAuthDocument At(DateTimeOffset now) => this with
    {
        AccessTokens = [.. AccessTokens.Where(token => token.Expires > now)],
        RefreshTokens = [.. RefreshTokens.Where(token => token.Expires is null || token.Expires > now)],
        Codes = [.. Codes.Where(code => code.Expires > now)],
        Devices = [.. Devices.Where(device => device.Expires + DeviceGrant.Lifetime > now)],
    };
}
