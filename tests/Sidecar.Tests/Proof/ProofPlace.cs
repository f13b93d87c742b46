using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Store.GoogleDrive;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Puts what a scene has in memory where a proof is to be made of it.</summary>
internal sealed class ProofPlace : IAsyncDisposable
{
    /// <summary>Cases that are drawn of all where each takes requests.</summary>
    private const int Drawn = 4;

    private readonly DriveScene? _drive;
    private readonly Random _random;
    private readonly List<DriveStore> _stores = [];
    private IObjectStore? _last;
    private int _folders;
    private string _folder = "";

    private ProofPlace(DriveScene? drive, int seed) => (_drive, _random) = (drive, new Random(seed));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="store">Which.</param>
    /// <param name="output">Gets the seed of what is drawn.</param>
    public static async Task<ProofPlace> StartAsync(ProofStore store, ITestOutputHelper output)
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        return new ProofPlace(store == ProofStore.Drive ? await DriveScene.StartAsync() : null, seed);
    }

    /// <summary>Where nothing is drawn.</summary>
    public static ProofPlace InMemory() => new(drive: null, seed: 0);

    /// <summary>All of them, or those that are drawn.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> cases)
    {
        if (_drive is null || ProofSettings.IsWhole)
        {
            return cases;
        }

        var drawn = cases.ToArray();
        _random.Shuffle(drawn);
        return drawn.Take(Drawn);
    }

    /// <returns>A store that holds this content and nothing else. In memory it is the very same.</returns>
    public async Task<IObjectStore> FillAsync(MemoryStore content)
    {
        if (_drive is null)
        {
            return _last = content;
        }

        _folder = await DriveFolder.CreateAsync($"proof {++_folders}", Options, _drive.Accounts, TimeProvider.System, Ct);
        var store = Reopen();
        foreach (var name in content.Names.Select(ObjectName.Parse))
        {
            await using var stored = await content.OpenAsync(name, Ct);
            await store.PutAsync(name, stored, Ct);
        }

        return Reopen();
    }

    /// <returns>The store that was filled last, as another process sees it on the same machine.</returns>
    public IObjectStore Reopen()
    {
        if (_drive is null)
        {
            return _last!;
        }

        var store = DriveStore.Open(Options, _drive.Accounts, TimeProvider.System);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        await (_drive?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private DriveStoreOptions Options => _drive!.Options($"machine-{_folders}") with { FolderId = _folder };
}
