namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>An access token that somebody else renews.</summary>
/// <param name="read">Reads it from its place.</param>
internal sealed class GivenToken(Func<string> read) : ITokenSource
{
    private string _secret = read();

    public string Kind => "access token";

    public ValueTask<DriveToken> GetAsync(CancellationToken ct) => ValueTask.FromResult(new DriveToken(_secret, ExpiresAt: null));

    public ValueTask<bool> RenewAsync(CancellationToken ct)
    {
        var before = _secret;
        _secret = read();
        return ValueTask.FromResult(_secret != before);
    }
}
