using BackupSidecar.Primitives;
using BackupSidecar.Testing;

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

    /// <summary>SQLite's own <c>wal_autocheckpoint</c>.</summary>
    private const int DefaultCheckpointFrames = 1000;

    private const int FirstCommits = 40;

    /// <summary>Far above what catching up takes on a busy machine.</summary>
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(4);

    private readonly ScratchVolume _volume = new();
    private readonly string _interval;
    private readonly CopyShelf _copies = new();
    private readonly CommitOrder _order = new();
    private readonly CancellationToken _ct;
    private SidecarProcess? _sidecar;
    private int _files;

    private FollowBench(Random random, string interval, CancellationToken ct)
    {
        Random = random;
        Repository = new FollowedRepository(_volume.Elsewhere("repository"));
        _interval = interval;
        _ct = ct;
    }

    public Random Random { get; }

    public FollowedRepository Repository { get; }

    public WriterProcess App { get; private set; } = WriterProcess.Start();

    /// <summary>Opens no database of the application: it looks at files, and checks copies.</summary>
    public WriterProcess Outside { get; } = WriterProcess.Start();

    public string Database => _volume.Database;

    /// <summary>A copy of a state that was captured, and has been left behind since; see <see cref="KeepEarlierAsync"/>.</summary>
    public string Earlier { get; private set; } = "";

    public SidecarProcess Sidecar => _sidecar ?? throw new InvalidOperationException("The sidecar does not run.");

    public bool IsFollowed => _sidecar is not null;

    private string State => _volume.Elsewhere("state");

    private string SavedState => _volume.Elsewhere("state-of-earlier");

    /// <summary>A database of some hundred pages in WAL mode, its application attached, and the sidecar at its newest commit.</summary>
    /// <param name="interval">Of <c>serve</c>: how long captures are held back for more.</param>
    public static async Task<FollowBench> StartAsync(Random random, string interval, CancellationToken ct)
    {
        var bench = new FollowBench(random, interval, ct);
        try
        {
            await bench.OpenAsync();
            await bench.App.ExecuteAsync(Main, "PRAGMA journal_mode=WAL");
            await bench.App.CreateSampleTablesAsync(Main);
            await bench.ChangeAsync(FirstCommits);
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

    public Task OpenAsync() => App.OpenAsync(Main, Database, Unsynced);

    public Task<long> ChangeAsync(int count) => App.ChangeAsync(Main, Random.Next(), count, ItemsMax);

    /// <summary>Without bulk deletes, which would go past the number.</summary>
    public Task FillLogAsync(int frames) => App.FillLogAsync(Main, Random.Next(), frames, itemsMax: int.MaxValue);

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
        await OpenAsync();
        await App.ScalarAsync(Main, "SELECT count(*) FROM sqlite_schema");
    }

    public void StartSidecar() =>
        _sidecar = SidecarProcess.Start(
            SidecarBinary.Current,
            ["serve", "--database", Database, "--repository", _volume.Elsewhere("repository"), "--state", State, "--interval", _interval]);

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

    public bool HasSavedState => Directory.Exists(SavedState);

    public async Task KeepEarlierAsync() => Earlier = await CopyAsync();

    /// <summary>The database file and its log as they are now, beside each other under another name: an older copy for later.</summary>
    public async Task<string> CopyAsync()
    {
        var copy = NewPath("copy.db");
        await Outside.MergeAsync(Database, copy);
        return copy;
    }

    /// <summary>
    /// What a copy of the present commit looked like is not what it looks like from now on: a vacuum, or an older file, or commits that are lost.
    /// Without this a copy of another state with the same number of commits would count.
    /// </summary>
    public void ForgetCopies() => _copies.ForgetCommits();

    /// <summary>Keeps a copy of the present commit, for whichever position turns out to hold it. The application must be at rest.</summary>
    public async Task ShelveAsync()
    {
        var copy = await CopyAsync();
        _copies.Add(await JudgeAsync(copy), copy);
    }

    /// <summary>Returns when the newest restore is the database as it is now, byte for byte. The application must be at rest.</summary>
    public async Task<Position> CaughtUpAsync()
    {
        var copy = await CopyAsync();
        var commits = await JudgeAsync(copy);
        _copies.Add(commits, copy);
        var begun = TimeProvider.System.GetTimestamp();
        var judged = Position.None;
        string? difference = "nothing was captured yet";
        do
        {
            if (Sidecar.HasExited)
            {
                throw new DivergenceException($"The sidecar ended while it should have caught up with commit {commits}: {await Sidecar.WaitForExitAsync(_ct)}");
            }

            var newest = Repository.Newest();
            if (newest == judged)
            {
                await Task.Delay(LookPeriod, TimeProvider.System, _ct);
                continue;
            }

            var restored = NewPath("restored.db");
            judged = await Repository.RestoreAsync(position: null, restored, _ct);
            difference = await Outside.DifferenceAsync(copy, restored);
            var found = difference is null ? commits : await JudgeAsync(restored);
            _order.Add(judged, found);
            File.Delete(restored);
            if (difference is null)
            {
                _copies.Add(judged, copy);
                return judged;
            }
        }
        while (TimeProvider.System.GetElapsedTime(begun) < CatchUpMax);

        throw new DivergenceException($"Waited {CatchUpMax.TotalSeconds} s for a restore point of commit {commits}. The newest is {judged}: {difference} {Sidecar}");
    }

    /// <summary>Restores positions at random; each is one committed state, in the order of commits, and the copy of its position or commit if there is one.</summary>
    public async Task AssertEarlierPointsAsync(int count)
    {
        var positions = Repository.Packs().Select(pack => pack.To).Distinct().ToArray();
        Random.Shuffle(positions);
        foreach (var position in positions.Take(count))
        {
            var restored = NewPath("restored.db");
            var found = await Repository.RestoreAsync(position.Transaction, restored, _ct);
            if (found != position)
            {
                throw new DivergenceException($"The restore of {position} gave {found}.");
            }

            var commits = await JudgeAsync(restored);
            _order.Add(position, commits);
            await AssertLikeCopyAsync(position, commits, restored);
            File.Delete(restored);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetSidecarAsync();
        await App.DisposeAsync();
        await Outside.DisposeAsync();
        _volume.Dispose();
    }

    public string NewPath(string name) => _volume.Elsewhere($"{++_files}-{name}");

    private async Task AssertLikeCopyAsync(Position position, long commits, string restored)
    {
        var copies = _copies.Of(position, commits);
        string? difference = null;
        foreach (var copy in copies)
        {
            difference = await Outside.DifferenceAsync(copy, restored);
            if (difference is null)
            {
                return;
            }
        }

        if (copies.Count > 0)
        {
            throw new DivergenceException($"Position {position} holds commit {commits}, and is not like the copy of it: {difference}");
        }
    }

    /// <summary>The number of commits in a file, of which only a copy is opened.</summary>
    private async Task<long> JudgeAsync(string path)
    {
        var working = NewPath("working.db");
        File.Copy(path, working);
        try
        {
            return await Outside.ValidateAsync(working);
        }
        catch (WriterException e)
        {
            throw new DivergenceException($"Not a committed state: {e.Message}");
        }
        finally
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Delete(working + suffix);
            }
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
