using System.Text;
using BackupSidecar.DriveEmulator;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>A Drive emulator in this process, a folder in it, and stores on that folder. Where a variable names a real credential, conformance runs against Google instead.</summary>
internal sealed class DriveScene : IAsyncDisposable
{
    /// <summary>The path of a credential file as <c>drive login</c> writes it, or of a service account's key.</summary>
    public const string RealCredentials = "DRIVE_TEST_CREDENTIALS";

    /// <summary>The id of a shared drive to test in; needed by a service account.</summary>
    public const string RealSharedDrive = "DRIVE_TEST_SHARED_DRIVE";

    private const string TokenVariable = "TOKEN";

    private readonly ScratchDirectory _directory = new();
    private readonly List<DriveStore> _stores = [];
    private readonly List<DriveConnection> _connections = [];
    private readonly bool _isReal;

    private DriveScene(bool isReal)
    {
        _isReal = isReal;
        Accounts = new DriveAccounts(TimeProvider.System, name => name == TokenVariable ? Token : null);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public EmulatorHost Host { get; private set; } = null!;

    public DriveAccounts Accounts { get; }

    /// <summary>What the stores' credential gives.</summary>
    public string Token { get; set; } = "any";

    public string FolderId { get; private set; } = "";

    /// <summary>What goes wrong between the stores and the emulator.</summary>
    public WireScript Wire { get; } = new();

    public static async Task<DriveScene> StartAsync(Func<EmulatorOptions, EmulatorOptions>? change = null)
    {
        var scene = new DriveScene(isReal: false);
        var options = new EmulatorOptions { DataDirectory = scene._directory.Join("emulator"), AnyToken = true };
        scene.Host = await EmulatorHost.StartAsync(change is null ? options : change(options), Ct);
        await scene.MakeFolderAsync();
        return scene;
    }

    public static async Task<DriveScene> StartForConformanceAsync()
    {
        if (Environment.GetEnvironmentVariable(RealCredentials) is not { Length: > 0 })
        {
            return await StartAsync();
        }

        var scene = new DriveScene(isReal: true);
        await scene.MakeFolderAsync();
        return scene;
    }

    public string Join(string name) => _directory.Join(name);

    public string StateOf(string machine) => _directory.Join(machine);

    /// <param name="machine">Stores of one machine share its state directory.</param>
    /// <param name="change">Other options.</param>
    public DriveStoreOptions Options(string machine = "state", Func<DriveStoreOptions, DriveStoreOptions>? change = null)
    {
        var options = new DriveStoreOptions
        {
            FolderId = FolderId,
            Credential = new DriveCredentialOptions { Kind = DriveCredentialKind.AccessToken, Variable = TokenVariable },
            StateDirectory = StateOf(machine),
            RootUri = _isReal ? DriveStoreOptions.GoogleRoot : Host.BaseAddress,
            ChunkBytes = 256 << 10,
            OneRequestBytesMax = 1 << 20,
            Retry = new DriveRetryOptions { Delay = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromSeconds(30) },
            Wire = Wire.Between,
        };
        if (_isReal)
        {
            options = options with
            {
                Credential = new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = Environment.GetEnvironmentVariable(RealCredentials) },
                SharedDriveId = Environment.GetEnvironmentVariable(RealSharedDrive) is { Length: > 0 } drive ? drive : null,
                Retry = new DriveRetryOptions(),
            };
        }

        return change is null ? options : change(options);
    }

    public DriveStore Open(string machine = "state", Func<DriveStoreOptions, DriveStoreOptions>? change = null)
    {
        var store = DriveStore.Open(Options(machine, change), Accounts, TimeProvider.System);
        _stores.Add(store);
        return store;
    }

    /// <summary>To look at the folder and to change it past the store.</summary>
    public DriveConnection Connect()
    {
        var connection = new DriveConnection(Options(change: options => options with { Wire = null }), Accounts, TimeProvider.System);
        _connections.Add(connection);
        return connection;
    }

    public async Task<List<DriveFile>> FilesAsync()
    {
        var files = new List<DriveFile>();
        await foreach (var file in Connect().ListAsync("", "look", Ct))
        {
            files.Add(file);
        }

        return files;
    }

    /// <summary>Puts a file there as somebody else would.</summary>
    public async Task<DriveFile> AddFileAsync(string name, string content, Func<DriveFile, DriveFile>? change = null)
    {
        var body = new DriveFile { Name = name, MimeType = DriveFile.ContentType, Parents = [FolderId], AppProperties = ObjectName.TryParse(name, out var parsed) ? DriveNames.PropertiesOf(parsed) : null };
        return await Connect().Service.Files.CreateMultipart(change is null ? body : change(body), Encoding.UTF8.GetBytes(content)).ExecuteAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isReal && FolderId.Length > 0)
        {
            await Connect().DeleteAsync(FolderId, "delete the folder of the test", CancellationToken.None);
        }

        _stores.ForEach(store => store.Dispose());
        _connections.ForEach(connection => connection.Dispose());
        Accounts.Dispose();
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task MakeFolderAsync()
    {
        FolderId = await DriveFolder.CreateAsync("backup-sidecar test", Options(), Accounts, TimeProvider.System, Ct);
        Wire.Clear();
    }
}
