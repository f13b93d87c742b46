using System.Security.Cryptography;
using System.Text;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Where the credential is that Drive is asked with. Two that are equal are one credential, with one budget.</summary>
internal sealed record DriveCredentialOptions
{
    /// <summary>What the file or variable holds.</summary>
    public required DriveCredentialKind Kind { get; init; }

    /// <summary>The path of the file. Exactly one of file and variable is given.</summary>
    public string? File { get; init; }

    /// <summary>The name of the environment variable.</summary>
    public string? Variable { get; init; }

    /// <summary>The file of the OAuth client, for <see cref="DriveCredentialKind.RefreshToken"/>.</summary>
    public string? ClientFile { get; init; }

    /// <summary>The user that a service account acts for by delegation; null: it acts for itself.</summary>
    public string? Subject { get; init; }

    /// <summary>Names files that belong to it: the same for equal ones, and another one for any other.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Kind, File, Variable, ClientFile, Subject)))[..16]);

    /// <summary>How messages name it. Never a secret.</summary>
    public string Location => File ?? $"the variable {Variable}";
}
