using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>A new service account with its key file, in Google's JSON.</summary>
internal static class ServiceAccountKey
{
    private const int KeyBits = 2048;

    /// <param name="origin">The emulator's address without a slash at its end.</param>
    public static (ServiceAccount Account, JsonObject KeyFile) Create(string email, IReadOnlyList<string> actsFor, string origin)
    {
        using var key = RSA.Create(KeyBits);
        var keyId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        var clientId = "1" + RandomNumberGenerator.GetString("0123456789", 20);
        var account = new ServiceAccount(email, clientId, keyId, key.ExportSubjectPublicKeyInfoPem(), actsFor);
        var keyFile = new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = "drive-emulator",
            ["private_key_id"] = keyId,
            ["private_key"] = key.ExportPkcs8PrivateKeyPem() + "\n",
            ["client_email"] = email,
            ["client_id"] = clientId,
            ["auth_uri"] = $"{origin}/o/oauth2/auth",
            ["token_uri"] = $"{origin}/token",
            ["auth_provider_x509_cert_url"] = $"{origin}/oauth2/v1/certs",
            ["client_x509_cert_url"] = $"{origin}/robot/v1/metadata/x509/{Uri.EscapeDataString(email)}",
            ["universe_domain"] = "googleapis.com",
        };
        return (account, keyFile);
    }
}
