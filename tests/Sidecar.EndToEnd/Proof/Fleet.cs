using BackupSidecar.Testing;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>A few applications that never stop writing, and one sidecar that follows all of them; both sides are killed at any moment.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int Members = 3;
    private const int EarlierPoints = 5;
    private const int KillsPerRoundMin = 30;
    private const int KillsPerRoundMax = 60;

    /// <summary>What a full disk still takes: a capture or two, or the first half of one.</summary>
    private const int FreeBytesMax = 60_000;

    /// <summary>From before the sidecar has looked at anything to after it has caught up.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromMilliseconds(150);

    private static readonly TimeSpan FullMax = TimeSpan.FromSeconds(3);

    private readonly ScratchVolume _volume = new();
    private readonly List<FleetMember> _members = [];
    private readonly Random _random;
    private readonly FleetPace _pace;
    private readonly CancellationToken _ct;
    private SidecarProcess? _sidecar;
    private SizeLimitedMount? _disk;
    private int _sidecarKills;
    private int _appKills;
    private int _pauses;
    private int _fullDisks;

    private Fleet(Random random, FleetPace pace, CancellationToken ct)
    {
        _random = random;
        _pace = pace;
        _ct = ct;
    }

    public int Kills => _sidecarKills + _appKills;

    public string Report =>
        $"{_sidecarKills} kills of serve, {_appKills} of applications, {_pauses} times serve stood still, {_fullDisks} full disks; {_members.Sum(member => member.Followed.Compared)} restored points held against what was seen of them";

    /// <summary>Where nothing may be mounted, no disk is ever full.</summary>
    public bool CanFillDisk => _disk is not null;

    private string Repository => Path.Combine(_disk?.Directory ?? _volume.Elsewhere("disk"), "repository");

    private string State => _volume.Elsewhere("state");

    private SidecarProcess Sidecar => _sidecar!;

    public static async Task<Fleet> StartAsync(Random random, FleetPace pace, CancellationToken ct)
    {
        var fleet = new Fleet(random, pace, ct);
        if (pace.DiskBytes is { } bytes)
        {
            fleet._disk = SizeLimitedMount.TryCreate(fleet._volume.Elsewhere("disk"), bytes);
        }

        for (var i = 1; i <= Members; i++)
        {
            // Members are looked at side by side.
            var own = new Random(random.Next());
            var followed = new FollowedDatabase(
                Path.Combine(fleet._volume.Data, $"app{i}.db"), new FollowedRepository(fleet.Repository, $"app{i}"), own, fleet._volume, ct);
            fleet._members.Add(await FleetMember.StartAsync(followed, own, pace.CommitsPerSecondMax));
        }

        fleet.StartSidecar();
        return fleet;
    }

    /// <summary>Some dozen kills, then proof.</summary>
    public async Task RoundAsync()
    {
        for (var kills = _random.Next(KillsPerRoundMin, KillsPerRoundMax); kills > 0; kills--)
        {
            // The moment is the point.
            await Task.Delay(LifeMax * _random.NextDouble(), TimeProvider.System, _ct);
            await StrikeAsync();
        }

        await VerifyAtRestAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_sidecar is { } sidecar)
        {
            await sidecar.DisposeAsync();
        }

        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        _disk?.Dispose();
        _volume.Dispose();
    }

    /// <summary>The application looks at a commit of its own while it goes on; a restore point of it comes, and every restored one is what the application saw.</summary>
    public Task VerifyOnTheWayAsync() => Task.WhenAll(_members.Select(async member =>
    {
        var commits = await member.LookAsync();
        await member.Followed.ReachedAsync(commits, Sidecar);
        await member.LookAsync();
        await member.Followed.AssertEarlierPointsAsync(count: 2);
    }));

    /// <summary>No byte more for the repository, for a while; the sidecar may be killed meanwhile, and may end by itself.</summary>
    public async Task FillDiskAsync()
    {
        _fullDisks++;
        var disk = _disk!;
        var drive = new DriveInfo(disk.Directory);
        disk.Resize(drive.TotalSize - drive.AvailableFreeSpace + _random.Next(FreeBytesMax));
        await Task.Delay(FullMax * _random.NextDouble(), TimeProvider.System, _ct);
        if (_random.Next(2) == 0)
        {
            await KillSidecarAsync();
            await Task.Delay(FullMax * _random.NextDouble(), TimeProvider.System, _ct);
        }

        disk.Resize(_pace.DiskBytes!.Value);
        if (Sidecar.HasExited)
        {
            await Sidecar.DisposeAsync();
            StartSidecar();
        }
    }

    /// <summary>The applications rest; the newest restore of each is its database.</summary>
    public async Task VerifyAtRestAsync()
    {
        await Task.WhenAll(_members.Select(member => member.StopLoadAsync()));
        await Task.WhenAll(_members.Select(VerifyAtRestAsync));
    }

    /// <summary>Something bad happens.</summary>
    public async Task StrikeAsync()
    {
        var member = _members[_random.Next(_members.Count)];
        switch (_random.Next(20))
        {
            case < 14:
                await KillSidecarAsync();
                break;
            case < 16:
                _appKills++;
                await member.KillAsync();
                break;
            case 16:
                await member.ReopenAsync();
                break;
            case < 19:
                await StandStillAsync(member);
                break;
            default:
                await KillSidecarAsync(losesState: true);
                break;
        }

        if (_random.Next(2) == 0)
        {
            await Task.WhenAll(_members.Select(each => each.LookAsync()));
        }
    }

    private async Task VerifyAtRestAsync(FleetMember member)
    {
        await member.Followed.CaughtUpAsync(Sidecar);
        await member.Followed.AssertEarlierPointsAsync(EarlierPoints);
        member.Followed.ForgetPages();
        await member.StartLoadAsync();
    }

    private async Task KillSidecarAsync(bool losesState = false)
    {
        _sidecarKills++;
        Sidecar.Kill();
        await Sidecar.WaitForExitAsync(_ct);
        await Sidecar.DisposeAsync();
        if (losesState && Directory.Exists(State))
        {
            Directory.Delete(State, recursive: true);
        }

        StartSidecar();
    }

    /// <summary>With whatever it holds, a read mark perhaps; the application is killed meanwhile, or goes on.</summary>
    private async Task StandStillAsync(FleetMember member)
    {
        _pauses++;
        Sidecar.Pause();
        await Task.Delay(LifeMax * _random.NextDouble(), TimeProvider.System, _ct);
        if (_random.Next(2) == 0)
        {
            _appKills++;
            await member.KillAsync();
        }

        Sidecar.Resume();
    }

    private void StartSidecar() => _sidecar = SidecarProcess.Start(
        SidecarBinary.Current,
        [
            "serve", "--database", .. _members.Select(member => member.Followed.Path), "--repository", Repository, "--state", State,
            "--interval", _random.Next(3) == 0 ? _pace.LongInterval : _pace.ShortInterval,
        ]);
}
