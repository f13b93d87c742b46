using BackupSidecar.Testing;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>A database whose application writes without a break, until it is killed and comes again with another load.</summary>
internal sealed class FleetMember : IAsyncDisposable
{
    private const string Reader = "reader";
    private const int ItemsMax = 80;

    private readonly Random _random;
    private readonly int _commitsPerSecondMax;
    private WriterProcess _app = WriterProcess.Start();

    private FleetMember(FollowedDatabase followed, Random random, int commitsPerSecondMax)
    {
        Followed = followed;
        _random = random;
        _commitsPerSecondMax = commitsPerSecondMax;
    }

    public FollowedDatabase Followed { get; }

    public static async Task<FleetMember> StartAsync(FollowedDatabase followed, Random random, int commitsPerSecondMax)
    {
        var member = new FleetMember(followed, random, commitsPerSecondMax);
        await member._app.OpenAsync(Reader, followed.Path);
        await member._app.ExecuteAsync(Reader, "PRAGMA journal_mode=WAL");
        await member._app.CreateSampleTablesAsync(Reader);
        await member.StartLoadAsync();
        return member;
    }

    /// <summary>SIGKILL, and a new process at once.</summary>
    public async Task KillAsync()
    {
        await _app.DisposeAsync();
        await ComeAgainAsync();
    }

    /// <summary>The application ends well, so that nobody may be attached for a moment, and comes again.</summary>
    public async Task ReopenAsync()
    {
        await _app.StopLoadAsync();
        await _app.ExitAsync();
        await _app.DisposeAsync();
        await ComeAgainAsync();
    }

    /// <summary>One committed state as the application sees it, while its load goes on.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> LookAsync()
    {
        var seen = await _app.LookAtCommitAsync(Reader);
        Followed.Add(seen);
        return seen.Commits;
    }

    public Task StopLoadAsync() => _app.StopLoadAsync();

    public Task StartLoadAsync() => _app.StartLoadAsync(Followed.Path, new WriterLoad
    {
        Seed = _random.Next(),
        Writers = _random.Next(1, 3),
        CommitsPerSecond = _random.Next(1, _commitsPerSecondMax),
        ItemsMax = ItemsMax,
        Pragmas = Pick(
            "",
            "PRAGMA wal_autocheckpoint=20",
            "PRAGMA wal_autocheckpoint=100",
            "PRAGMA cache_size=5; PRAGMA wal_autocheckpoint=60",
            "PRAGMA journal_size_limit=100000; PRAGMA wal_autocheckpoint=50",
            "PRAGMA journal_size_limit=0; PRAGMA wal_autocheckpoint=30"),
        Checkpoint = Pick("", "", "PASSIVE", "RESTART", "TRUNCATE"),
        PauseMilliseconds = _random.Next(5, 80),
        Vacuum = _random.Next(5) == 0,
        Reopen = _random.Next(6) == 0,
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Followed.DisposeAsync();
    }

    private async Task ComeAgainAsync()
    {
        _app = WriterProcess.Start();
        await _app.OpenAsync(Reader, Followed.Path);
        await StartLoadAsync();
    }

    private string Pick(params ReadOnlySpan<string> choices) => choices[_random.Next(choices.Length)];
}
