using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator;
using BackupSidecar.Store.GoogleDrive.Client;

namespace BackupSidecar.EndToEnd.Drive;

/// <summary>Somebody who has signed in to an emulated Google Drive.</summary>
internal static class DriveUser
{
    public const string ClientId = "test-client";
    public const string ClientSecret = "the client's secret";

    /// <summary>Writes the credential as 'drive login' does, in place of one that is there.</summary>
    /// <returns>The refresh token.</returns>
    public static string SignIn(EmulatorHost host, string path)
    {
        var token = host.IssueTokens(clientId: ClientId, scope: DriveService.DriveFileScope).RefreshToken!;
        var credential = new JsonObject
        {
            ["type"] = "authorized_user",
            ["client_id"] = ClientId,
            ["client_secret"] = ClientSecret,
            ["refresh_token"] = token,
            ["token_uri"] = new Uri(host.BaseAddress, "token").AbsoluteUri,
        };
        File.WriteAllText($"{path}.new", credential.ToJsonString());
        File.SetUnixFileMode($"{path}.new", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move($"{path}.new", path, overwrite: true);
        return token;
    }
}
