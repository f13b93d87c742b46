using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>A credential file: of a user (<c>authorized_user</c>) or of a service account. What we do not know is kept when it is written again.</summary>
internal sealed record CredentialDocument
{
    public const string User = "authorized_user";
    public const string ServiceAccount = "service_account";
    public const string GoogleTokenUri = "https://oauth2.googleapis.com/token";

    public string? Type { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? RefreshToken { get; init; }

    /// <summary>Where tokens are had; null: Google's.</summary>
    public string? TokenUri { get; init; }

    public string? ClientEmail { get; init; }

    /// <summary>PEM, PKCS#8.</summary>
    public string? PrivateKey { get; init; }

    public string? PrivateKeyId { get; init; }

    /// <summary>When <c>drive login</c> wrote it, RFC 3339.</summary>
    public string? Created { get; init; }

    /// <summary>Set by the reader only, which cannot set it otherwise.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>Not the record's own text, which would hold the secrets.</summary>
    public override string ToString() => Type ?? "a credential";
}
