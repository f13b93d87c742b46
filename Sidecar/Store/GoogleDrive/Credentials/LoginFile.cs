using System.Text.Json;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Writes what a sign-in gave, for nobody but its owner to read.</summary>
internal static class LoginFile
{
    public static void Write(string path, CredentialDocument document)
    {
        PrivateFile.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(document, CredentialJson.Default.CredentialDocument));
    }
}
