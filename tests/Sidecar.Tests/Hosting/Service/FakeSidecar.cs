using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Verify;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>A serve that says and does what a test wants.</summary>
internal sealed class FakeSidecar : IServedSidecar
{
    public ServeStatus Status { get; set; } = Api.SampleStatus.Of(Api.SampleStatus.Source("a"), Api.SampleStatus.Source("b"));

    public bool IsEnding { get; set; }

    public bool IsResolved { get; set; } = true;

    public Func<string, CancellationToken, Task<CaptureRequestOutcome?>> Capture { get; set; } = (_, _) => Task.FromResult<CaptureRequestOutcome?>(CaptureRequestOutcome.Stored);

    public IRepositoryReader Repository { get; set; } = null!;

    public RestoreOrigins Origins => RestoreOrigins.Of(Repository);

    public Dictionary<string, SourceLifecycle> Lifecycles { get; } = [];

    public Task ResolvedAsync(CancellationToken ct) => Task.CompletedTask;

    public SourceLifecycle? FindLifecycle(string source) => Lifecycles.GetValueOrDefault(source);

    public Task<CaptureRequestOutcome?> CaptureNowAsync(string source, CancellationToken ct) => Capture(source, ct);

    /// <summary>What is known of what is stored.</summary>
    public DamageBoard Damage { get; } = new();

    public void EnsureSound(string source) => Damage.EnsureSound(source);

    /// <summary>What becomes of what is stored locally.</summary>
    public Func<string, CancellationToken, Task<bool>> Sync { get; set; } = (_, _) => Task.FromResult(false);

    public Task<bool> SyncedAsync(string source, CancellationToken ct) => Sync(source, ct);

    public BackupKeeping Backups { get; set; } = null!;

    public Func<SourceStatus, IReadOnlyList<string>, CancellationToken, ValueTask<BackupManifest>> Keep { get; set; } = null!;

    public Func<string?, VerifyLevel, IProgress<ProgressReport>, CancellationToken, ValueTask<VerifyResult>> Verify { get; set; } = null!;

    public List<string> Tidied { get; } = [];

    public HashSet<string> Paused { get; } = [];

    public (string Json, string? Path) Configuration { get; set; } = ("{}", "/etc/serve.jsonc");

    public ValueTask<BackupManifest> KeepNewestAsync(SourceStatus source, IReadOnlyList<string> labels, CancellationToken ct) => Keep(source, labels, ct);

    public ValueTask<VerifyResult> VerifyAsync(string? source, VerifyLevel level, IProgress<ProgressReport> progress, CancellationToken ct) => Verify(source, level, progress, ct);

    public void Tidy(string source) => Tidied.Add(source);

    public DateTimeOffset Pause(string source)
    {
        _ = Paused.Add(source);
        return Api.SampleStatus.At;
    }

    public bool Resume(string source) => Paused.Remove(source);
}
