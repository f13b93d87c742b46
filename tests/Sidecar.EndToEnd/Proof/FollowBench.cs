using BackupSidecar.Primitives;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>An application and a sidecar that follows it, both real processes, driven step by step; and a plain copy of the database for whatever is known of it.</summary>
/// <remarks>
/// The application is at rest between two steps, so that "the database now" is one state. Each of its transactions counts itself and adds up its rows, so
/// that an image can also be judged without a copy: see <c>SampleTables</c> of the writer.
/// </remarks>
internal sealed class FollowBench : IAsyncDisposable
{
    /// <summary>The application's main connection.</summary>
    public const string Main = "main";

    /// <summary>Without syncs, which a process that dies does not need; otherwise as applications are by default.</summary>
    public const string Unsynced = "PRAGMA synchronous=OFF";

    public const int ItemsMax = 150;

    /// <summary>That are looked at when the newest one was right.</summary>
    public const int EarlierPoints = 5;

    /// <summary>Frames at which the sidecar stands: few, so that one commit overtakes them, to some hundred.</summary>
    private const int FramesMin = 20;
    private const int FramesMax = 400;

    /// <summary>SQLite's own <c>wal_autocheckpoint</c>.</summary>
    private const int DefaultCheckpointFrames = 1000;

    private const int FirstCommits = 40;
    private const uint OthersNothing = 0b111_111;

    private readonly ScratchVolume _volume = new();
    private readonly string _interval;
    private readonly CancellationToken _ct;
    private uint? _appUser;
    private SidecarProcess? _sidecar;

    private FollowBench(Random random, string interval, CancellationToken ct)
    {
        Random = random;
        Followed = new FollowedDatabase(_volume.Database, new FollowedRepository(_volume.Elsewhere("repository"), "app"), random, _volume, ct);
        _interval = interval;
        _ct = ct;
    }

    public Random Random { get; }

    /// <summary>What is known of the database, and asked of its repository.</summary>
    public FollowedDatabase Followed { get; }

    public WriterProcess App { get; private set; } = WriterProcess.Start();

    public WriterProcess Outside => Followed.Outside;

    public string Database => _volume.Database;

    /// <summary>A copy of a state that was captured, and has been left behind since; see <see cref="KeepEarlierAsync"/>.</summary>
    public string Earlier { get; private set; } = "";

    public SidecarProcess Sidecar => _sidecar ?? throw new InvalidOperationException("The sidecar does not run.");

    public bool IsFollowed => _sidecar is not null;

    private string State => _volume.Elsewhere("state");

    private string SavedState => _volume.Elsewhere("state-of-earlier");

    /// <summary>One story from a fresh bench and a printed seed, as many times as the scale says.</summary>
    public static async Task RunAsync(ITestOutputHelper output, Func<FollowBench, Task> story)
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        for (var i = 0; i < ProofSettings.Scale; i++)
        {
            await using var bench = await StartAsync(new Random(unchecked(seed + i)), interval: "0s", TestContext.Current.CancellationToken);
            await story(bench);
        }
    }

    /// <summary>A database of some hundred pages in WAL mode, its application attached, and the sidecar at its newest commit.</summary>
    /// <param name="random">Decides everything that is left open.</param>
    /// <param name="interval">Of <c>serve</c>: how long captures are held back for more.</param>
    /// <param name="ct">Ends the waiting.</param>
    public static async Task<FollowBench> StartAsync(Random random, string interval, CancellationToken ct)
    {
        var bench = await StartAppAloneAsync(random, interval, userId: null, ct);
        try
        {
            bench.StartSidecar();
            await bench.CaughtUpAsync();
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same before there is a sidecar.</summary>
    /// <param name="random">As there.</param>
    /// <param name="interval">As there.</param>
    /// <param name="userId">Another user than this process's, for the application, whose files are then nobody else's; needs root.</param>
    /// <param name="ct">As there.</param>
    public static async Task<FollowBench> StartAppAloneAsync(Random random, string interval, uint? userId, CancellationToken ct)
    {
        var bench = new FollowBench(random, interval, ct) { _appUser = userId };
        try
        {
            await bench.BecomeAppUserAsync();
            await bench.OpenAsync();
            await bench.App.ExecuteAsync(Main, "PRAGMA journal_mode=WAL");
            await bench.App.CreateSampleTablesAsync(Main);
            await bench.ChangeAsync(FirstCommits);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    public Task OpenAsync() => App.OpenAsync(Main, Database, Unsynced);

    /// <summary>
    /// A commit that writes page 1, by a connection that has just read it: then the change counter in the header of the file goes up. A connection that stays open
    /// writes the same count again and again.
    /// </summary>
    public async Task RaiseChangeCounterAsync()
    {
        await App.OpenAsync("fresh", Database, Unsynced);
        await App.ExecuteAsync("fresh", $"BEGIN IMMEDIATE; PRAGMA user_version={Random.Next()}; UPDATE tally SET commits = commits + 1; COMMIT");
        await App.CloseAsync("fresh");
    }

    public Task<long> ChangeAsync(int count) => App.ChangeAsync(Main, Random.Next(), count, ItemsMax);

    /// <summary>Without bulk deletes, which would go past the number.</summary>
    public Task FillLogAsync(int frames) => App.FillLogAsync(Main, Random.Next(), frames, itemsMax: int.MaxValue);

    /// <summary>A log of exactly so many frames, all of them captured.</summary>
    public async Task<int> StandAtFrameAsync()
    {
        await KeepEarlierAsync();
        await RaiseChangeCounterAsync();
        var frames = Random.Next(FramesMin, FramesMax);
        await App.ExecuteAsync(Main, "PRAGMA wal_checkpoint(TRUNCATE)");
        await FillLogAsync(frames / 2);
        await Followed.ShelveAsync();
        await FillLogAsync(frames);
        await CaughtUpAsync();
        return frames;
    }

    /// <summary>The application ends well, and comes again.</summary>
    public async Task ReopenAppAsync()
    {
        await App.ExitAsync();
        await StartAppAsync();
    }

    /// <summary>The application passes one automatic checkpoint of SQLite's default, so that its next commit starts the log anew.</summary>
    public Task PassCheckpointAsync() => FillLogAsync(DefaultCheckpointFrames);

    /// <summary>SIGKILL for the application; it does not come again by itself.</summary>
    public Task KillAppAsync() => App.KillAsync();

    public async Task StartAppAsync()
    {
        await App.DisposeAsync();
        App = WriterProcess.Start();
        await BecomeAppUserAsync();
        await OpenAsync();
        await App.ScalarAsync(Main, "SELECT count(*) FROM sqlite_schema");
    }

    /// <param name="userId">Another user than the application's; needs root.</param>
    public void StartSidecar(uint? userId = null) =>
        _sidecar = SidecarProcess.Start(
            SidecarBinary.Current,
            ["serve", "--database", Database, "--repository", _volume.Elsewhere("repository"), "--state", State, "--interval", _interval],
            userId: userId);

    public async Task KillSidecarAsync()
    {
        Sidecar.Kill();
        await Sidecar.WaitForExitAsync(_ct);
        await ForgetSidecarAsync();
    }

    /// <summary>SIGTERM; returns how it ended.</summary>
    public async Task<SidecarResult> TerminateSidecarAsync()
    {
        Sidecar.Terminate();
        var result = await Sidecar.WaitForExitAsync(_ct);
        await ForgetSidecarAsync();
        return result;
    }

    public void SaveState()
    {
        RemoveDirectory(SavedState);
        CopyDirectory(State, SavedState);
    }

    public void PutBackState()
    {
        RemoveDirectory(State);
        CopyDirectory(SavedState, State);
    }

    public void DeleteState() => RemoveDirectory(State);

    public IReadOnlyList<string> StateFiles => Directory.GetFiles(State, "*", SearchOption.AllDirectories);

    public bool HasSavedState => Directory.Exists(SavedState);

    public async Task KeepEarlierAsync() => Earlier = await Followed.CopyAsync();

    /// <summary>Returns when the newest restore is the database as it is now, byte for byte. The application must be at rest.</summary>
    public Task<Position> CaughtUpAsync() => Followed.CaughtUpAsync(Sidecar);

    public async ValueTask DisposeAsync()
    {
        await ForgetSidecarAsync();
        await App.DisposeAsync();
        await Followed.DisposeAsync();
        _volume.Dispose();
    }

    private async Task BecomeAppUserAsync()
    {
        if (_appUser is { } user)
        {
            await App.SetUmaskAsync(OthersNothing);
            await App.BecomeUserAsync(user);
        }
    }

    private async Task ForgetSidecarAsync()
    {
        if (_sidecar is { } sidecar)
        {
            _sidecar = null;
            await sidecar.DisposeAsync();
        }
    }

    private static void RemoveDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Files only: what a socket left behind is not state.</summary>
    private static void CopyDirectory(string source, string target)
    {
        Directory.CreateDirectory(target, File.GetUnixFileMode(source));
        foreach (var file in new DirectoryInfo(source).EnumerateFiles().Where(file => file.UnixFileMode != UnixFileMode.None && file.Length > 0))
        {
            file.CopyTo(Path.Combine(target, file.Name));
        }

        foreach (var folder in new DirectoryInfo(source).EnumerateDirectories())
        {
            CopyDirectory(folder.FullName, Path.Combine(target, folder.Name));
        }
    }
}
