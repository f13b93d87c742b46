namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Gives access tokens for one credential.</summary>
internal interface ITokenSource
{
    /// <summary>What it is, for status and messages, such as "user" or "service account x@y".</summary>
    string Kind { get; }

    /// <summary>A token that is valid for a while yet, as far as its expiry tells.</summary>
    ValueTask<DriveToken> GetAsync(CancellationToken ct);

    /// <summary>Another one, since Drive did not accept the last one.</summary>
    /// <returns>False: there is no other.</returns>
    ValueTask<bool> RenewAsync(CancellationToken ct);
}
