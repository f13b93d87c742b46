using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>A serve that says and does what a test wants.</summary>
internal sealed class FakeSidecar : IServedSidecar
{
    public ServeStatus Status { get; set; } = Api.SampleStatus.Of(Api.SampleStatus.Source("a"), Api.SampleStatus.Source("b"));

    public bool IsEnding { get; set; }

    public Func<string, CancellationToken, Task<CaptureRequestOutcome?>> Capture { get; set; } = (_, _) => Task.FromResult<CaptureRequestOutcome?>(CaptureRequestOutcome.Stored);

    public IRepositoryReader Repository { get; set; } = null!;

    public Dictionary<string, SourceLifecycle> Lifecycles { get; } = [];

    public Task ResolvedAsync(CancellationToken ct) => Task.CompletedTask;

    public SourceLifecycle? FindLifecycle(string source) => Lifecycles.GetValueOrDefault(source);

    public Task<CaptureRequestOutcome?> CaptureNowAsync(string source, CancellationToken ct) => Capture(source, ct);
}
