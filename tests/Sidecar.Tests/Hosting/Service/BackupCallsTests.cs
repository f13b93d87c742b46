using BackupSidecar.Api;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Lifecycle;
using BackupSidecar.Verify;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using Level = BackupSidecar.Contracts.V1.VerifyLevel;
using VerifyLevel = BackupSidecar.Verify.VerifyLevel;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>Backups over the wire: pages, filters, mistakes, and what goes on when its client leaves.</summary>
public sealed class BackupCallsTests : IAsyncDisposable
{
    private readonly ServiceBench _bench = new();
    private readonly FakeTimeProvider _time = new(UtcMicroseconds.ToTime(Noon).AddMinutes(1));
    private BackupRepository _repository = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private BackupService.BackupServiceClient Backups => _bench.BackupsBy(_bench.OperatorSocket);

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _repository.DisposeAsync();
    }

    [Fact]
    public async Task Pages_go_from_new_to_old_and_hold_every_backup_once_whatever_is_made_meanwhile()
    {
        var ids = await StartAsync(5);
        var seen = new List<string>();
        var request = new ListBackupsRequest { Source = "a", PageSize = 2 };
        do
        {
            var page = await Backups.ListBackupsAsync(request, cancellationToken: Ct);
            Assert.InRange(page.Backups.Count, 1, 2);
            seen.AddRange(page.Backups.Select(backup => backup.BackupId));
            request.PageToken = page.NextPageToken;
            _ = seen.Count == 2 ? await PublishBackupAsync(_repository, await SourceAsync(), 5, 6) : "";
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(Enumerable.Reverse(ids), seen);
    }

    [Fact]
    public async Task Filters_of_time_label_pin_and_deletion_each_leave_what_fits()
    {
        var ids = await StartAsync(4);
        _ = await Backups.UpdateBackupAsync(new UpdateBackupRequest { Source = "a", BackupId = ids[1], Labels = new BackupLabels { Labels = { "wanted" } }, Pinned = true }, cancellationToken: Ct);
        _ = await Backups.DeleteBackupAsync(new DeleteBackupRequest { Source = "a", BackupId = ids[2] }, cancellationToken: Ct);
        Assert.Equal(["a"], _bench.Sidecar.Tidied);

        Assert.Equal([ids[3], ids[1], ids[0]], await ListAsync(new ListBackupsRequest()));
        Assert.Equal([ids[3], ids[2], ids[1], ids[0]], await ListAsync(new ListBackupsRequest { ShowDeleted = true }));
        Assert.Equal([ids[1]], await ListAsync(new ListBackupsRequest { Label = "wanted" }));
        Assert.Equal([ids[1]], await ListAsync(new ListBackupsRequest { PinnedOnly = true }));
        Assert.Equal([ids[1]], await ListAsync(new ListBackupsRequest { StartTime = TimeOf(2), EndTime = TimeOf(3) }));
        var deleted = (await Backups.GetBackupAsync(new GetBackupRequest { Source = "a", BackupId = ids[2][..10] }, cancellationToken: Ct)).Backup;
        Assert.Equal(deleted.DeleteTime.ToDateTimeOffset().AddDays(7), deleted.ExpireTime.ToDateTimeOffset());
    }

    [Fact]
    public async Task Restore_points_come_in_pages_too()
    {
        _ = await StartAsync(3);
        var restores = _bench.RestoresBy(_bench.OperatorSocket);
        var points = new List<(ulong, string)>();
        var request = new ListRestorePointsRequest { Source = "a", PageSize = 4 };
        do
        {
            var page = await restores.ListRestorePointsAsync(request, cancellationToken: Ct);
            points.AddRange(page.Points.Select(point => (point.Position.Number, point.BackupId)));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        // Of each position its pack and its backup.
        Assert.Equal((6, 6), (points.Count, points.Distinct().Count()));
        Assert.Equal(points.OrderByDescending(point => point.Item1).Select(point => point.Item1), points.Select(point => point.Item1));
    }

    [Fact]
    public async Task What_strangers_may_send_is_refused_with_its_reason()
    {
        var ids = await StartAsync(2);

        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidArgument), await FailureOf(Backups.ListBackupsAsync(new ListBackupsRequest { Source = "a", PageSize = 1001 }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidArgument), await FailureOf(Backups.ListBackupsAsync(new ListBackupsRequest { Source = "a", PageToken = "../../x" }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidArgument), await FailureOf(Backups.GetBackupAsync(new GetBackupRequest { Source = "a", BackupId = "zzzz" }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.NotFound, ErrorReason.BackupNotFound), await FailureOf(Backups.GetBackupAsync(new GetBackupRequest { Source = "a", BackupId = "ffffffff" }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.NotFound, ErrorReason.SourceNotFound), await FailureOf(Backups.GetBackupAsync(new GetBackupRequest { Source = "../etc", BackupId = ids[0] }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.SourceUnnamed), await FailureOf(Backups.GetBackupAsync(new GetBackupRequest { BackupId = ids[0] }, cancellationToken: Ct)));
        Assert.Equal(
            (StatusCode.InvalidArgument, ErrorReason.InvalidArgument),
            await FailureOf(Backups.UpdateBackupAsync(new UpdateBackupRequest { Source = "a", BackupId = ids[0], Labels = new BackupLabels { Labels = { "a\nb" } } }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.FailedPrecondition, ErrorReason.BackupLastProof), await FailureOf(Backups.DeleteBackupAsync(new DeleteBackupRequest { Source = "a", BackupId = ids[1] }, cancellationToken: Ct)));
        Assert.Equal((StatusCode.PermissionDenied, ErrorReason.NotAllowedHere), await FailureOf(_bench.BackupsBy(_bench.AppSocket).GetBackupAsync(new GetBackupRequest { Source = "a", BackupId = ids[0] }, cancellationToken: Ct)));
    }

    [Fact]
    public async Task A_backup_goes_on_when_its_client_leaves_and_is_watched_again_by_its_request()
    {
        var ids = await StartAsync(1);
        var keeping = new TaskCompletionSource<BackupManifest>(TaskCreationOptions.RunContinuationsAsynchronously);
        var kept = 0;
        _bench.Sidecar.Keep = (_, _, _) =>
        {
            kept++;
            return new ValueTask<BackupManifest>(keeping.Task);
        };
        var request = new CreateBackupRequest { Source = "a", RequestId = "request-0001" };
        using (var first = Backups.CreateBackup(request, cancellationToken: Ct))
        {
            Assert.True(await first.ResponseStream.MoveNext(Ct));
            Assert.Equal("request-0001", first.ResponseStream.Current.RequestId);
        }

        using var second = Backups.CreateBackup(request, cancellationToken: Ct);
        var catalog = await _repository.ReadCatalogAsync(await SourceAsync(), Ct);
        keeping.SetResult(await _repository.ReadManifestAsync(catalog.Manifests[0], Ct));
        BackupSidecar.Contracts.V1.Backup? last = null;
        while (await second.ResponseStream.MoveNext(Ct))
        {
            last = second.ResponseStream.Current.Backup;
        }

        Assert.Equal((ids[0], 1), (last?.BackupId, kept));
        using var other = Backups.CreateBackup(new CreateBackupRequest { Source = "b", RequestId = "request-0001" }, cancellationToken: Ct);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => other.ResponseStream.MoveNext(Ct))).StatusCode);
    }

    [Fact]
    public async Task One_verification_goes_on_at_a_time_and_its_report_comes_last()
    {
        _ = await StartAsync(1);
        var verifying = new TaskCompletionSource<VerifyResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Sidecar.Verify = (_, level, _, _) =>
        {
            Assert.Equal(VerifyLevel.Drill, level);
            return new ValueTask<VerifyResult>(verifying.Task);
        };
        using var first = Backups.VerifyBackup(new VerifyBackupRequest { Level = Level.Drill }, cancellationToken: Ct);
        Assert.True(await first.ResponseStream.MoveNext(Ct));
        using var second = Backups.VerifyBackup(new VerifyBackupRequest { Level = Level.Drill }, cancellationToken: Ct);
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(Ct))).StatusCode);

        verifying.SetResult(new VerifyResult(VerifyLevel.Drill, new VerifyCoverage { Packs = 7 }, [new("x", "is wrong", "Mend it.", BackupSidecar.Verify.VerifyFindingKind.Damage)], [], TimeSpan.FromSeconds(1)));
        VerifyReport? report = null;
        while (await first.ResponseStream.MoveNext(Ct))
        {
            report = first.ResponseStream.Current.Report;
        }

        Assert.Equal((false, 7, 1), (report!.Proved, report.PackCount, report.FindingCount));
    }

    private static Google.Protobuf.WellKnownTypes.Timestamp TimeOf(int second) => ProtoTime.ToProto(UtcMicroseconds.ToTime(Noon).AddSeconds(second))!;

    private static async Task<(StatusCode Code, ErrorReason Reason)> FailureOf<T>(AsyncUnaryCall<T> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
        return (failure.StatusCode, Assert.IsType<ApiException>(ApiErrors.FromRpc(failure, "here")).Reason);
    }

    private async Task<IReadOnlyList<string>> ListAsync(ListBackupsRequest request)
    {
        request.Source = "a";
        return [.. (await Backups.ListBackupsAsync(request, cancellationToken: Ct)).Backups.Select(backup => backup.BackupId)];
    }

    private ValueTask<SourceRecord> SourceAsync() => _repository.FindSourceAsync("a", Ct);

    /// <returns>The ids of so many backups, oldest first.</returns>
    private async Task<IReadOnlyList<string>> StartAsync(int backups)
    {
        _repository = await BackupRepository.OpenForWritingAsync(new MemoryStore(), "the test", createIfMissing: true, _time, Ct);
        var source = await _repository.RegisterSourceAsync("a", Ct);
        var ids = new List<string>();
        for (var number = 0ul; number < (ulong)backups; number++)
        {
            ids.Add(await PublishBackupAsync(_repository, source, number, number + 1));
        }

        _bench.Sidecar.Lifecycles["a"] = new SourceLifecycle(
            "a", _bench.Join("a.db"), startEmpty: false, new RestoreJournal(_bench.Join("restores"), "a"), new LifecycleSettings(), RestoreOrigins.Of(_repository), new PlayedDatabase(), NullLogger.Instance, _time);
        _bench.Sidecar.Repository = _repository;
        _bench.Sidecar.Backups = new BackupKeeping(_repository, TimeSpan.FromDays(7), _time);
        await _bench.StartAsync();
        return ids;
    }
}
