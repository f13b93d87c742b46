using System.Net.Sockets;
using BackupSidecar.Api;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Primitives;
using BackupSidecar.Tests.Api;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using Xunit;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;
using SourceState = BackupSidecar.Following.SourceState;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>The service on its two sockets: who may what, what comes back, and what becomes of whoever misbehaves.</summary>
public sealed class ServiceHostTests : IAsyncDisposable
{
    private readonly ServiceBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task An_operator_sees_every_source_and_an_app_the_one_that_it_names()
    {
        await _bench.StartAsync();

        var all = await _bench.StatusBy(_bench.OperatorSocket).GetStatusAsync(new GetStatusRequest(), cancellationToken: Ct);
        var one = await _bench.StatusBy(_bench.AppSocket).GetStatusAsync(new GetStatusRequest { Source = "b" }, cancellationToken: Ct);
        var unnamed = await FailureOf(_bench.StatusBy(_bench.AppSocket).GetStatusAsync(new GetStatusRequest(), cancellationToken: Ct));

        Assert.Equal(["a", "b"], all.Status.Sources.Select(source => source.Name));
        Assert.Equal("/r", all.Status.Repository);
        Assert.Equal(["b"], one.Status.Sources.Select(source => source.Name));
        Assert.Equal("", one.Status.Repository);
        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.SourceUnnamed), unnamed);
    }

    [Fact]
    public async Task An_app_beside_one_database_need_not_name_it()
    {
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("a"));
        await _bench.StartAsync();

        var status = await _bench.StatusBy(_bench.AppSocket).GetStatusAsync(new GetStatusRequest(), cancellationToken: Ct);
        var durable = await _bench.LifecycleBy(_bench.AppSocket).EnsureDurableAsync(new EnsureDurableRequest(), cancellationToken: Ct);

        Assert.Equal("a", status.Status.Sources.Single().Name);
        Assert.Equal(7ul, durable.Position.Number);
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_unimplemented()
    {
        await _bench.StartAsync();
        using var client = new RemoteSidecar(_bench.OperatorSocket);
        var method = new Method<Empty, Empty>(MethodType.Unary, "backupsidecar.v1.StatusService", "Other", EmptyMarshaller(), EmptyMarshaller());

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.Calls.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Ct), new Empty()));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [Theory]
    [InlineData(CaptureRequestOutcome.Paused, StatusCode.FailedPrecondition, ErrorReason.SourcePaused)]
    [InlineData(CaptureRequestOutcome.Failing, StatusCode.Unavailable, ErrorReason.SourceFailing)]
    [InlineData(CaptureRequestOutcome.DatabaseMissing, StatusCode.FailedPrecondition, ErrorReason.DatabaseMissing)]
    [InlineData(CaptureRequestOutcome.Ended, StatusCode.Unavailable, ErrorReason.SourceFailing)]
    [InlineData(null, StatusCode.NotFound, ErrorReason.SourceNotFound)]
    internal async Task A_commit_that_is_not_stored_is_never_called_durable(CaptureRequestOutcome? outcome, StatusCode code, ErrorReason reason)
    {
        _bench.Sidecar.Capture = (_, _) => Task.FromResult(outcome);
        await _bench.StartAsync();

        Assert.Equal((code, reason), await FailureOf(EnsureDurable(new EnsureDurableRequest { Source = "a" })));
    }

    [Fact]
    public async Task A_source_of_which_nothing_is_stored_is_not_durable()
    {
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("a") with { Position = null });
        await _bench.StartAsync();

        Assert.Equal((StatusCode.Unavailable, ErrorReason.SourceFailing), await FailureOf(EnsureDurable(new EnsureDurableRequest { Source = "a" })));
    }

    [Fact]
    public async Task An_app_that_asks_while_the_sidecar_ends_is_told_so()
    {
        _bench.Sidecar.IsEnding = true;
        _bench.Sidecar.Capture = (_, _) => Task.FromResult<CaptureRequestOutcome?>(CaptureRequestOutcome.Ended);
        await _bench.StartAsync();

        Assert.Equal((StatusCode.Unavailable, ErrorReason.Ending), await FailureOf(EnsureDurable(new EnsureDurableRequest { Source = "a" })));
    }

    [Theory]
    [InlineData("", 7, "00000000000000a7", DurabilityLevel.Local, StatusCode.InvalidArgument, ErrorReason.SourceUnnamed)]
    [InlineData("c", 7, "00000000000000a7", DurabilityLevel.Local, StatusCode.NotFound, ErrorReason.SourceNotFound)]
    [InlineData("../a", 7, "00000000000000a7", DurabilityLevel.Local, StatusCode.NotFound, ErrorReason.SourceNotFound)]
    [InlineData("a", 8, "00000000000000a7", DurabilityLevel.Local, StatusCode.OutOfRange, ErrorReason.PositionNotReached)]
    [InlineData("a", 7, "00000000000000a8", DurabilityLevel.Local, StatusCode.FailedPrecondition, ErrorReason.PositionOnOtherTimeline)]
    [InlineData("a", 0, "00000000000000a7", DurabilityLevel.Local, StatusCode.FailedPrecondition, ErrorReason.PositionOnOtherTimeline)]
    [InlineData("a", 7, "00000000000000a7", DurabilityLevel.Remote, StatusCode.FailedPrecondition, ErrorReason.NoRemoteRepository)]
    [InlineData("a", 7, "00000000000000a7", (DurabilityLevel)77, StatusCode.InvalidArgument, ErrorReason.InvalidArgument)]
    public async Task A_request_that_cannot_be_met_says_why(string source, ulong number, string timeline, DurabilityLevel level, StatusCode code, ErrorReason reason)
    {
        await _bench.StartAsync();
        var request = new EnsureDurableRequest { Source = source, Position = new Contracts.V1.Position { Number = number, Timeline = timeline }, Level = level };

        Assert.Equal((code, reason), await FailureOf(EnsureDurable(request)));
    }

    [Fact]
    public async Task A_position_that_is_stored_is_durable_at_once()
    {
        _bench.Sidecar.Capture = (_, _) => throw new InvalidOperationException("nothing is to be captured");
        await _bench.StartAsync();

        var answer = await EnsureDurable(new EnsureDurableRequest { Source = "a", Position = new Contracts.V1.Position { Number = 3, Timeline = "00000000000000a7" } });

        Assert.Equal(7ul, answer.Position.Number);
    }

    [Fact]
    public async Task A_deadline_ends_the_wait_and_the_capture_is_told()
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Sidecar.Capture = async (_, ct) =>
        {
            waits.TrySetResult();
            using var registration = ct.Register(() => told.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return CaptureRequestOutcome.Stored;
        };
        await _bench.StartAsync();

        // On a busy machine the first may be over before the call has reached the capture.
        for (var patience = TimeSpan.FromMilliseconds(200); !waits.Task.IsCompleted; patience *= 4)
        {
            var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + patience;
            var call = _bench.LifecycleBy(_bench.AppSocket).EnsureDurableAsync(new EnsureDurableRequest { Source = "a" }, deadline: deadline, cancellationToken: Ct);

            Assert.Equal(StatusCode.DeadlineExceeded, (await FailureOf(call)).Code);
        }

        await told.Task.WaitAsync(Ct);
    }

    [Fact]
    public async Task Whoever_waits_is_told_when_the_sidecar_ends()
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Sidecar.Capture = async (_, ct) =>
        {
            waits.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return CaptureRequestOutcome.Stored;
        };
        await _bench.StartAsync();
        var call = EnsureDurable(new EnsureDurableRequest { Source = "a" });
        await waits.Task.WaitAsync(Ct);

        await _bench.StopAsync();

        Assert.Equal((StatusCode.Unavailable, ErrorReason.Ending), await FailureOf(call));
    }

    [Fact]
    public async Task A_mistake_of_ours_is_logged_and_not_told()
    {
        _bench.Sidecar.Capture = (_, _) => throw new InvalidOperationException("a secret");
        await _bench.StartAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await EnsureDurable(new EnsureDurableRequest { Source = "a" }));

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.DoesNotContain("secret", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("/backupsidecar.v1.LifecycleService/EnsureDurable failed: a secret", _bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_is_told_each_change_and_that_the_sidecar_ends()
    {
        await _bench.StartAsync();
        using var call = _bench.StatusBy(_bench.OperatorSocket).WatchStatus(new WatchStatusRequest { Source = "a", Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)) }, cancellationToken: Ct);

        Assert.True(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(7ul, call.ResponseStream.Current.Status.Sources.Single().Position.Number);
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("a") with { Position = 8 });
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(8ul, call.ResponseStream.Current.Status.Sources.Single().Position.Number);

        await _bench.StopAsync();
        var end = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Ct));
        Assert.Equal((StatusCode.Unavailable, ErrorReason.Ending), ReasonOf(end));
    }

    [Theory]
    [InlineData(0, 99_000_000)]
    [InlineData(3601, 0)]
    [InlineData(-1, 0)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public async Task A_watch_with_a_senseless_interval_is_refused(long seconds, int nanos)
    {
        await _bench.StartAsync();
        using var call = _bench.StatusBy(_bench.OperatorSocket).WatchStatus(new WatchStatusRequest { Interval = new Duration { Seconds = seconds, Nanos = nanos } }, cancellationToken: Ct);

        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidArgument), ReasonOf(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Ct))));
    }

    [Fact]
    public async Task One_watcher_too_many_is_refused_until_another_leaves()
    {
        await _bench.StartAsync();
        var client = _bench.StatusBy(_bench.OperatorSocket);
        var watchers = new List<AsyncServerStreamingCall<WatchStatusResponse>>();
        for (var i = 0; i < StatusApi.WatchersMax; i++)
        {
            watchers.Add(client.WatchStatus(new WatchStatusRequest(), cancellationToken: Ct));
            Assert.True(await watchers[i].ResponseStream.MoveNext(Ct));
        }

        using var refused = client.WatchStatus(new WatchStatusRequest(), cancellationToken: Ct);
        Assert.Equal((StatusCode.ResourceExhausted, ErrorReason.TooManyCalls), ReasonOf(await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext(Ct))));

        watchers[0].Dispose();
        await UntilAsync(async () =>
        {
            using var next = client.WatchStatus(new WatchStatusRequest(), cancellationToken: Ct);
            try
            {
                return await next.ResponseStream.MoveNext(Ct);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                return false;
            }
        });
        watchers.ForEach(watcher => watcher.Dispose());
    }

    [Fact]
    public async Task Health_is_of_the_process_and_of_each_source()
    {
        var unsafeSource = SampleStatus.Source("b") with { Position = null };
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("a"), unsafeSource);
        await _bench.StartAsync();
        var health = _bench.HealthBy(_bench.AppSocket);

        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ct)).Status);
        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest { Service = "source/a" }, cancellationToken: Ct)).Status);
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest { Service = "source/b" }, cancellationToken: Ct)).Status);
        Assert.Equal(StatusCode.NotFound, (await FailureOf(health.CheckAsync(new HealthCheckRequest { Service = "source/c" }, cancellationToken: Ct))).Code);
        _bench.Sidecar.IsEnding = true;
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ct)).Status);
    }

    [Fact]
    public async Task A_watcher_of_the_health_of_a_source_that_is_yet_to_come_waits_for_it()
    {
        await _bench.StartAsync();
        using var call = _bench.HealthBy(_bench.OperatorSocket).Watch(new HealthCheckRequest { Service = "source/c" }, cancellationToken: Ct);

        Assert.True(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(ServingStatus.ServiceUnknown, call.ResponseStream.Current.Status);
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("c"));
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        Assert.Equal(ServingStatus.Serving, call.ResponseStream.Current.Status);
    }

    [Fact]
    public async Task An_oversized_request_is_refused_and_the_next_is_answered()
    {
        await _bench.StartAsync();
        var client = _bench.StatusBy(_bench.OperatorSocket);

        Assert.Equal(StatusCode.ResourceExhausted, (await FailureOf(client.GetStatusAsync(new GetStatusRequest { Source = new string('x', 100_000) }, cancellationToken: Ct))).Code);
        Assert.Equal(2, (await client.GetStatusAsync(new GetStatusRequest(), cancellationToken: Ct)).Status.Sources.Count);
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_and_a_closed_one_makes_room()
    {
        await _bench.StartAsync();
        var connections = Enumerable.Range(0, ServiceHost.ConnectionsMax + 1).Select(_ => ServiceBench.Connect(_bench.AppSocket)).ToList();

        // The server counts them in parallel, so that the refused one need not be the last.
        var refused = await Task.WhenAny(connections.Select(connection => connection.ReceiveAsync(new byte[1], SocketFlags.None, Ct).AsTask()));
        Assert.Equal(0, await refused);
        connections.ForEach(connection => connection.Dispose());
        await UntilAsync(async () =>
        {
            try
            {
                return (await _bench.StatusBy(_bench.OperatorSocket).GetStatusAsync(new GetStatusRequest(), cancellationToken: Ct)).Status is not null;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Two_hundred_calls_at_once_are_all_answered()
    {
        var gate = new TaskCompletionSource<CaptureRequestOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        _bench.Sidecar.Capture = (_, ct) =>
        {
            if (Interlocked.Increment(ref waiting) == 200)
            {
                gate.SetResult(CaptureRequestOutcome.Stored);
            }

            return gate.Task.WaitAsync(ct);
        };
        await _bench.StartAsync();
        LifecycleService.LifecycleServiceClient[] clients = [_bench.LifecycleBy(_bench.AppSocket), _bench.LifecycleBy(_bench.AppSocket)];

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => clients[i % 2].EnsureDurableAsync(new EnsureDurableRequest { Source = "a" }, cancellationToken: Ct).ResponseAsync));

        Assert.All(answers, answer => Assert.Equal(7ul, answer.Position.Number));
    }

    private Task<EnsureDurableResponse> EnsureDurable(EnsureDurableRequest request) =>
        _bench.LifecycleBy(_bench.AppSocket).EnsureDurableAsync(request, cancellationToken: Ct).ResponseAsync;

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    private static Task<(StatusCode Code, ErrorReason Reason)> FailureOf<T>(AsyncUnaryCall<T> call) => FailureOf(call.ResponseAsync);

    private static async Task<(StatusCode Code, ErrorReason Reason)> FailureOf<T>(Task<T> call) => ReasonOf(await Assert.ThrowsAsync<RpcException>(() => call));

    private static (StatusCode Code, ErrorReason Reason) ReasonOf(RpcException failure) =>
        (failure.StatusCode, ApiErrors.FromRpc(failure, "here") is ApiException { Reason: var reason } ? reason : ErrorReason.Unspecified);

    private static Marshaller<Empty> EmptyMarshaller() => Marshallers.Create(_ => [], _ => new Empty());
}
