using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>The keys of the repositories beside the local one: a part of <see cref="OptionsReader"/>.</summary>
internal static class RemotesReader
{
    /// <summary>Each of them is in every status, with its last failure and its credential.</summary>
    public const int RemotesMax = 4;

    /// <summary>What commands call the local repository.</summary>
    public const string LocalName = "local";

    public static RemoteOptions Read(SectionReader section)
    {
        var defaults = new RemoteOptions();
        var remote = defaults with
        {
            Name = section.Name("name", "How status, log and commands name this repository.") ?? "",
            Path = section.Path("path", "The directory of a repository beside the local one, such as a mounted share. 'repository add' makes it; serve never does, since a share that is not mounted looks like an empty directory.") ?? "",
            Interval = section.Duration(
                "interval", defaults.Interval, RemoteOptions.IntervalMin, RemoteOptions.IntervalMax, "How often what was captured since goes there, as one pack."),
        };
        var isDrive = section.Has("drive");
        var drive = ReadDrive(section.Section("drive"), isDrive);
        if (!isDrive)
        {
            _ = section.Effective.Remove("drive");
        }

        if (!section.Has("name"))
        {
            section.Refuse("name", "is missing.");
        }

        if (section.Has("path") == isDrive)
        {
            section.Refuse("path", isDrive ? "and drive exclude each other: give one of them." : "is missing: give path, or drive.");
        }

        return isDrive ? remote with { Drive = drive } : remote;
    }

    /// <summary>They are not too many, and have different names and places.</summary>
    public static void Check(SectionReader root, string local, IReadOnlyList<RemoteOptions> remotes)
    {
        if (remotes.Count > RemotesMax)
        {
            root.Refuse("remotes", $"has {remotes.Count} repositories; {RemotesMax} at most are fed.");
        }

        for (var i = 0; i < remotes.Count; i++)
        {
            if (remotes[i].Path.Length > 0 && remotes[i].Path == local)
            {
                root.Refuse("remotes", $"[{i}] is the local repository {local}: a copy in the same place protects from nothing.");
            }

            if (remotes[i].Name == LocalName)
            {
                root.Refuse("remotes", $"[{i}] has the name '{LocalName}', which is that of the local repository: give it another one.");
            }

            for (var j = 0; j < i; j++)
            {
                if (remotes[i].Name.Length > 0 && remotes[i].Name == remotes[j].Name)
                {
                    root.Refuse("remotes", $"[{j}] and [{i}] have the same name '{remotes[i].Name}': give them different ones.");
                }

                if (remotes[i].Place == remotes[j].Place && (remotes[i].Path.Length > 0 || remotes[i].Drive?.Folder.Length > 0))
                {
                    root.Refuse("remotes", $"[{j}] and [{i}] are the same repository {remotes[i].Place}.");
                }
            }
        }
    }

    private static DriveRemoteOptions ReadDrive(SectionReader section, bool isAsked)
    {
        var defaults = new DriveRemoteOptions();
        var drive = new DriveRemoteOptions
        {
            Folder = section.Text("folder", null, "the id of a folder", "In place of `path`: the folder of Google Drive; 'repository add' makes it and prints its id.", FindMistakeInId) ?? "",
            SharedDrive = section.Text("sharedDrive", null, "the id of a shared drive", "The shared drive that the folder lies in; without it the account's own drive.", FindMistakeInId),
            CredentialFile = section.Path("credentialFile", "The file with the credential: what 'drive login' writes, the key of a service account, or a bare token. For the owner alone: a file that others may read is used, with a warning (mode 0600; a mounted Secret of Kubernetes 0400 or, with an fsGroup, 0440)."),
            CredentialVariable = section.Text("credentialVariable", null, "the name of an environment variable", "In place of the file: the variable that holds it.", text => text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? null : "it has another character than letters, digits and '_'"),
            CredentialKind = section.Choice("credentialKind", defaults.CredentialKind, "What the credential is: JSON that says itself what it is, or a bare token."),
            ClientFile = section.Path("clientFile", "The OAuth client that a bare refresh token belongs to."),
            Subject = section.Text("subject", null, "an address", "The user that a service account acts for by delegation; without it for itself, which needs a shared drive.", static _ => null),
            UnitsPerMinute = (int)section.Number("unitsPerMinute", defaults.UnitsPerMinute, 1_000, 100_000_000, "What all calls with this credential may cost in a minute, as Google counts; calls over it wait."),
            RequestsPerDay = (int)section.Number("requestsPerDay", defaults.RequestsPerDay, 1_000, 1_000_000_000, "Requests with this credential in a day (UTC); calls over it fail."),
            Endpoint = section.Text("endpoint", null, "the address of an emulator on this host", "Asked in place of Google.", text => Uri.TryCreate(text, UriKind.Absolute, out var root) && root.IsLoopback && root.AbsolutePath == "/" ? null : "it is no address on this host, such as http://127.0.0.1:8080/") is { } endpoint
                ? new Uri(endpoint) : defaults.Endpoint,
        };
        if (isAsked && drive.Folder.Length == 0 && !section.Has("folder"))
        {
            section.Refuse("folder", "is missing: 'backup-sidecar repository add --drive NAME' makes a folder and prints its id.");
        }

        if (isAsked && section.Has("credentialFile") == section.Has("credentialVariable"))
        {
            section.Refuse("credentialFile", section.Has("credentialFile") ? "and credentialVariable exclude each other: give one of them." : "is missing: give credentialFile, or credentialVariable.");
        }

        if (isAsked)
        {
            RefuseHalfCredential(section, drive.CredentialKind);
        }

        return drive;
    }

    /// <summary>What belongs to a credential is there with it, and nothing that would be of no effect.</summary>
    private static void RefuseHalfCredential(SectionReader section, DriveCredentialKind kind)
    {
        if (kind == DriveCredentialKind.RefreshToken && !section.Has("clientFile"))
        {
            section.Refuse("clientFile", "is missing: a bare refresh token belongs to an OAuth client.");
        }
        else if (kind != DriveCredentialKind.RefreshToken && section.Has("clientFile"))
        {
            section.Refuse("clientFile", "goes with \"credentialKind\": \"refreshtoken\" only.");
        }

        if (kind != DriveCredentialKind.Json && section.Has("subject"))
        {
            section.Refuse("subject", "goes with the key of a service account only, which is of the kind json.");
        }
    }

    private static string? FindMistakeInId(string text) => DriveStoreOptions.IsId(text) ? null : "an id has letters, digits, '-' and '_' only";
}
