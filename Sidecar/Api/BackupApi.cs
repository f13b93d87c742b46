using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Verify;
using Grpc.Core;
using SourceStatus = BackupSidecar.Following.SourceStatus;

namespace BackupSidecar.Api;

/// <summary>Backups, for operators.</summary>
internal sealed class BackupApi(IServedSidecar sidecar, CallEnd end, TimeProvider time) : BackupService.BackupServiceBase
{
    public const int CreatingMax = 16;

    /// <summary>Each reads the whole repository.</summary>
    public const int VerifyingMax = 1;

    public const int WatchersMax = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Above what a first full of a large database takes.</summary>
    private static readonly TimeSpan CaptureMax = TimeSpan.FromHours(1);

    private readonly Operations<CreateBackupResponse> _creating = new(CreatingMax, "backups", end, time);
    private readonly Operations<VerifyBackupResponse> _verifying = new(VerifyingMax, "verifications", end, time);
    private readonly CallLimit _watchers = new(WatchersMax, "watchers of backups and verifications");

    public override async Task CreateBackup(CreateBackupRequest request, IServerStreamWriter<CreateBackupResponse> responseStream, ServerCallContext context)
    {
        var id = RequestFields.RequestId(request.RequestId);
        var labels = RequestFields.Labels(request.Labels);
        await sidecar.ResolvedAsync(context.CancellationToken);
        var source = SourceChoice.One(sidecar.Status, request.Source).Name;
        using var slot = _watchers.Enter();
        var creating = _creating.BeginOrJoin(
            id, request, newId => new CreateBackupResponse { RequestId = newId, Phase = CreateBackupPhase.Capturing }, (operation, ct) => CreateAsync(operation, source, labels, request.Pinned, ct));
        await ChangeStream.RunAsync(creating.Look, responseStream, Interval, end, time, context.CancellationToken, response => response.Backup is not null, creating.Work);
    }

    public override async Task<ListBackupsResponse> ListBackups(ListBackupsRequest request, ServerCallContext context)
    {
        var source = await SourceAsync(request.Source, context);
        var (size, after) = (PageSize.Of(request.PageSize), BackupPage.Parse(request.PageToken));
        var (from, until) = (ProtoTime.Checked(request.StartTime, "start_time"), ProtoTime.Checked(request.EndTime, "end_time"));
        var response = new ListBackupsResponse();
        if (await sidecar.Repository.TryReadCatalogAsync(source, context.CancellationToken) is not { } catalog)
        {
            return response;
        }

        var entries = (request.ShowDeleted ? catalog.Manifests : catalog.LastingManifests())
            .Where(entry => (from is null || entry.Name.CreatedAt >= from) && (until is null || entry.Name.CreatedAt < until) && (after is not { } last || last.IsBefore(entry.Name)))
            .OrderByDescending(entry => entry.Name.CreatedAtMicroseconds)
            .ThenByDescending(entry => entry.Name.Backup.ToString(), StringComparer.Ordinal);
        ManifestName? lastName = null;
        foreach (var entry in entries)
        {
            var backup = await KeptBackup.ReadAsync(sidecar.Repository, catalog, entry, context.CancellationToken);
            if ((request.Label.Length > 0 && !backup.Labels.Contains(request.Label, StringComparer.Ordinal)) || (request.PinnedOnly && !backup.IsPinned))
            {
                continue;
            }

            if (response.Backups.Count == size)
            {
                response.NextPageToken = BackupPage.Of(lastName!.Value).ToString();
                break;
            }

            response.Backups.Add(ToMessage(source, backup));
            lastName = entry.Name;
        }

        return response;
    }

    public override async Task<GetBackupResponse> GetBackup(GetBackupRequest request, ServerCallContext context)
    {
        var (source, id) = await BackupAsync(request.Source, request.BackupId, context);
        return new GetBackupResponse { Backup = ToMessage(source, await sidecar.Backups.FindAsync(source, id, context.CancellationToken)) };
    }

    public override async Task<UpdateBackupResponse> UpdateBackup(UpdateBackupRequest request, ServerCallContext context)
    {
        var (source, id) = await BackupAsync(request.Source, request.BackupId, context);
        var labels = request.Labels is { } given ? RequestFields.Labels(given.Labels) : null;
        return new UpdateBackupResponse { Backup = ToMessage(source, await sidecar.Backups.UpdateAsync(source, id, labels, request.HasPinned ? request.Pinned : null, context.CancellationToken)) };
    }

    public override async Task<DeleteBackupResponse> DeleteBackup(DeleteBackupRequest request, ServerCallContext context)
    {
        var (source, id) = await BackupAsync(request.Source, request.BackupId, context);
        var deleted = await sidecar.Backups.DeleteAsync(source, id, context.CancellationToken);
        sidecar.Tidy(source);
        return new DeleteBackupResponse { Backup = ToMessage(source, deleted) };
    }

    public override async Task<UndeleteBackupResponse> UndeleteBackup(UndeleteBackupRequest request, ServerCallContext context)
    {
        var (source, id) = await BackupAsync(request.Source, request.BackupId, context);
        return new UndeleteBackupResponse { Backup = ToMessage(source, await sidecar.Backups.UndeleteAsync(source, id, context.CancellationToken)) };
    }

    public override async Task VerifyBackup(VerifyBackupRequest request, IServerStreamWriter<VerifyBackupResponse> responseStream, ServerCallContext context)
    {
        var (id, level) = (RequestFields.RequestId(request.RequestId), BackupMessages.FromMessage(request.Level));
        await sidecar.ResolvedAsync(context.CancellationToken);
        var source = request.Source.Length == 0 ? null : SourceChoice.One(sidecar.Status, request.Source).Name;
        using var slot = _watchers.Enter();
        var verifying = _verifying.BeginOrJoin(
            id, request, newId => new VerifyBackupResponse { RequestId = newId, Step = "begin" }, async (operation, ct) =>
            {
                var progress = new ToldProgress(report => operation.Tell(new VerifyBackupResponse { RequestId = operation.Id, Step = report.Step, DoneBytes = report.DoneBytes, TotalBytes = report.TotalBytes }));
                return new VerifyBackupResponse { RequestId = operation.Id, Step = "done", Report = BackupMessages.ToMessage(await sidecar.VerifyAsync(source, level, progress, ct)) };
            });
        await ChangeStream.RunAsync(verifying.Look, responseStream, Interval, end, time, context.CancellationToken, response => response.Report is not null, verifying.Work);
    }

    private async Task<CreateBackupResponse> CreateAsync(Operation<CreateBackupResponse> operation, string source, IReadOnlyList<string> labels, bool isPinned, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(CaptureMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        SourceStatus stored;
        try
        {
            stored = await CaptureRefusals.CaptureAsync(sidecar, source, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ApiException(ErrorReason.NotDurableInTime, $"What is committed in source '{source}' is not stored after {DurationText.Of(CaptureMax)}.", "'backup-sidecar status' shows what it waits for.");
        }

        operation.Tell(new CreateBackupResponse { RequestId = operation.Id, Phase = CreateBackupPhase.Keeping });
        var id = (await sidecar.KeepNewestAsync(stored, labels, ct)).BackupId.ToString();
        var backup = isPinned ? await sidecar.Backups.UpdateAsync(source, id, labels: null, pinned: true, ct) : await sidecar.Backups.FindAsync(source, id, ct);
        return new CreateBackupResponse { RequestId = operation.Id, Phase = CreateBackupPhase.Done, Backup = ToMessage(source, backup) };
    }

    private Contracts.V1.Backup ToMessage(string source, KeptBackup backup) => BackupMessages.ToMessage(source, backup, sidecar.Backups.EndOf(backup));

    private async ValueTask<string> SourceAsync(string name, ServerCallContext context)
    {
        await sidecar.ResolvedAsync(context.CancellationToken);
        return SourceChoice.One(sidecar.Status, name).Name;
    }

    private async ValueTask<(string Source, string Backup)> BackupAsync(string source, string id, ServerCallContext context) => (await SourceAsync(source, context), RequestFields.BackupId(id));

    private sealed class ToldProgress(Action<ProgressReport> told) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => told(value);
    }
}
