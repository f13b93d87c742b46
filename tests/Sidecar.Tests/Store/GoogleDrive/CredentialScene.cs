using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>An emulator that wants tokens, credentials for it, and processes that use them.</summary>
internal sealed class CredentialScene : IAsyncDisposable
{
    public const string ClientId = "test-client";

    private readonly ScratchDirectory _directory = new();
    private readonly List<DriveAccounts> _accounts = [];

    public EmulatorHost Host { get; private set; } = null!;

    public string CredentialFile => Join("credential.json");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public string Folder => _directory.FullPath;

    public string Join(string name) => _directory.Join(name);

    public async ValueTask StartAsync(Func<EmulatorOptions, EmulatorOptions> change)
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }

        Host = await EmulatorHost.StartAsync(change(new EmulatorOptions { DataDirectory = _directory.Join($"emulator-{Guid.NewGuid():n}") }), Ct);
    }

    public DriveCredentialOptions OfFile() => new() { Kind = DriveCredentialKind.Json, File = CredentialFile };

    /// <returns>The refresh token.</returns>
    public string WriteUser(params (string Name, string Value)[] more)
    {
        var token = Host.IssueTokens(clientId: ClientId, scope: DriveService.DriveFileScope).RefreshToken!;
        var document = new JsonObject
        {
            ["type"] = "authorized_user",
            ["client_id"] = ClientId,
            ["client_secret"] = "client's secret",
            ["refresh_token"] = token,
            ["token_uri"] = new Uri(Host.BaseAddress, "token").AbsoluteUri,
        };
        foreach (var (name, value) in more)
        {
            document[name] = value;
        }

        File.WriteAllText(CredentialFile, document.ToJsonString());
        return token;
    }

    public string ClientJson() =>
        $$$"""{"installed":{"client_id":"{{{ClientId}}}","client_secret":"client's secret","auth_uri":"{{{Host.BaseAddress}}}o/oauth2/v2/auth","token_uri":"{{{Host.BaseAddress}}}token"}}""";

    public OAuthClient Client()
    {
        File.WriteAllText(_directory.Join("client.json"), ClientJson());
        return OAuthClient.Read(_directory.Join("client.json"));
    }

    /// <summary>A fresh process: its own accounts, a new folder.</summary>
    public async Task<DriveStore> StoreAsync(DriveCredentialOptions credential, string? variable = null, string? sharedDrive = null)
    {
        var accounts = new DriveAccounts(TimeProvider.System, _ => variable);
        _accounts.Add(accounts);
        var options = new DriveStoreOptions
        {
            FolderId = "",
            SharedDriveId = sharedDrive,
            Credential = credential,
            StateDirectory = _directory.Join("state"),
            RootUri = Host.BaseAddress,
            Retry = new DriveRetryOptions { Delay = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(10) },
        };
        return DriveStore.Open(options with { FolderId = await DriveFolder.CreateAsync("test", options, accounts, TimeProvider.System, Ct) }, accounts, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _accounts.ForEach(accounts => accounts.Dispose());
        await Host.DisposeAsync();
        _directory.Dispose();
    }
}
