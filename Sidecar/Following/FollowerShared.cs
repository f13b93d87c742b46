using BackupSidecar.Following.Waking;

namespace BackupSidecar.Following;

/// <summary>What the parts of one follower share. All but the definition is theirs alone, one after the other.</summary>
internal sealed class FollowerShared(SourceDefinition definition, FollowerSurroundings around)
{
    /// <summary>How often a database is looked at that nothing woke us for. Only where inotify does not reach does anything depend on it.</summary>
    public static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(5);

    private SourceDefinition _definition = definition;

    public FollowerSurroundings Around => around;

    public TimeProvider Time => around.Time;

    public StatusBoard Status { get; } = new(definition);

    /// <summary>Set when something may have to be done: a file changed, somebody asks for a capture, the end is near.</summary>
    public WakeSignal Wake { get; } = new();

    public CaptureRequests Requests { get; } = new();

    /// <summary>May be changed by anybody while it is used.</summary>
    public SourceDefinition Definition
    {
        get => Volatile.Read(ref _definition);
        set => Volatile.Write(ref _definition, value);
    }

    public string Name => Definition.Name;

    /// <summary>When the last capture began; null: there was none in this run.</summary>
    public long? LastCapture { get; set; }

    /// <summary>How the files looked when nothing was attached and everything was captured; null: they are to be looked into.</summary>
    public FileTraces? CapturedTraces { get; set; }

    /// <summary>What a capture would build on was found to be damaged.</summary>
    public bool IsToStartAnew(FollowedSource followed) => !followed.IsFullNext && Around.Damage.OpenOf(Name) is not null;

    public TimeSpan SinceLastCapture => LastCapture is { } last ? Time.GetElapsedTime(last) : TimeSpan.MaxValue;

    public Task DelayAsync(TimeSpan delay) => Task.Delay(delay, Time, CancellationToken.None);

    /// <summary>Ends early when somebody asks for a capture, or has asked for one already.</summary>
    public async Task DelayUnlessAskedAsync(TimeSpan delay)
    {
        using var enough = new CancellationTokenSource();
        _ = await Task.WhenAny(Requests.Asked, Task.Delay(delay, Time, enough.Token));
        await enough.CancelAsync();
    }
}
