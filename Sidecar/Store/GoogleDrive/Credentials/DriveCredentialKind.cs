namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>What a credential is given as.</summary>
internal enum DriveCredentialKind
{
    Unspecified = 0,

    /// <summary>JSON that says itself what it is: what <c>drive login</c> writes (<c>authorized_user</c>), or the key of a service account (<c>service_account</c>).</summary>
    Json,

    /// <summary>A bare refresh token, which belongs to an OAuth client that is named beside it.</summary>
    RefreshToken,

    /// <summary>A bare access token that somebody else renews; it is read again when Drive does not accept it any more.</summary>
    AccessToken,
}
