using System.Net;
using System.Net.Sockets;
using BackupSidecar.Api;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Primitives;
using BackupSidecar.Tests.Api;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Xunit;
using SourceState = BackupSidecar.Following.SourceState;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>Addresses beside the two sockets: for operators with a token, and for monitoring.</summary>
public sealed class ListenersTests : IAsyncDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly ServiceBench _bench = new();
    private readonly IPEndPoint _address = FreeAddress();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Uri Url => new($"http://{_address}");

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task An_address_of_this_machine_takes_calls_with_the_token_and_no_others()
    {
        await StartWithTokenAsync(settings => settings with { Listen = _address });
        using var operators = new RemoteSidecar(Url, Token);
        using var stranger = new RemoteSidecar(Url, "not the token at all");

        var status = await operators.CallAsync((calls, options) => new StatusService.StatusServiceClient(calls).GetStatusAsync(new GetStatusRequest(), options), TimeSpan.FromSeconds(30), Ct);
        var refused = await Assert.ThrowsAsync<ApiException>(
            async () => await stranger.CallAsync((calls, options) => new StatusService.StatusServiceClient(calls).GetStatusAsync(new GetStatusRequest(), options), TimeSpan.FromSeconds(30), Ct));

        Assert.Equal(2, status.Status.Sources.Count);
        Assert.Equal(ErrorReason.NotAuthenticated, refused.Reason);
        Assert.DoesNotContain("not the token at all", _bench.Log + refused.Message + refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_calls_by_gRPC_Web_with_the_token()
    {
        await StartWithTokenAsync(settings => settings with { GrpcWebListen = _address });
        using var client = new HttpClient();

        using var with = await client.SendAsync(WebCall(Token), Ct);
        using var without = await client.SendAsync(WebCall("wrong-wrong-wrong-wrong"), Ct);

        var body = await with.Content.ReadAsStringAsync(Ct);
        Assert.Equal((HttpStatusCode.OK, "application/grpc-web"), (with.StatusCode, with.Content.Headers.ContentType!.MediaType));
        Assert.Contains("/d/a.db", body, StringComparison.Ordinal);
        Assert.Contains("grpc-status: 0", body, StringComparison.Ordinal);
        Assert.Equal("16", Assert.Single(without.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task Probes_and_metrics_are_for_anybody_and_name_nobody()
    {
        await _bench.StartAsync(change: settings => settings with { MonitorListen = _address });
        using var client = new HttpClient { BaseAddress = Url };

        Assert.Equal("ok\n", await client.GetStringAsync("/livez", Ct));
        Assert.Equal("ok\n", await client.GetStringAsync("/readyz", Ct));
        Assert.Equal("ok\n", await client.GetStringAsync("/startupz", Ct));
        var metrics = await client.GetStringAsync("/metrics", Ct);
        Assert.Contains("backupsidecar_sources{", metrics, StringComparison.Ordinal);
        Assert.Contains("backupsidecar_lag_seconds{", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("/d/", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("source=", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/backupsidecar.v1.StatusService/GetStatus", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("/livez", null, Ct)).StatusCode);
    }

    [Fact]
    public async Task Metrics_name_the_sources_only_where_that_is_configured()
    {
        await _bench.StartAsync(change: settings => settings with { MonitorListen = _address, MonitorNames = true });
        using var client = new HttpClient { BaseAddress = Url };

        var metrics = await client.GetStringAsync("/metrics", Ct);

        Assert.Contains("source=\"a\"", metrics, StringComparison.Ordinal);
        Assert.Contains("source=\"b\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_serve_that_is_starting_or_ending_is_told_by_the_probes_and_still_lives()
    {
        _bench.Sidecar.Status = SampleStatus.Of(SampleStatus.Source("a") with { State = SourceState.Starting });
        _bench.Sidecar.IsEnding = true;
        await _bench.StartAsync(change: settings => settings with { MonitorListen = _address });
        using var client = new HttpClient { BaseAddress = Url };

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez", Ct)).StatusCode);
        foreach (var probe in (string[])["/readyz", "/startupz"])
        {
            using var answer = await client.GetAsync(probe, Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.StartsWith("not yet: ", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_health_protocol_for_monitoring_knows_the_process_alone()
    {
        await _bench.StartAsync(change: settings => settings with { MonitorGrpcListen = _address });
        using var channel = GrpcChannel.ForAddress(Url);
        var health = new Health.HealthClient(channel);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ct)).Status);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new HealthCheckRequest { Service = "source/a" }, cancellationToken: Ct))).StatusCode);
        var status = await Assert.ThrowsAsync<RpcException>(async () => await new StatusService.StatusServiceClient(channel).GetStatusAsync(new GetStatusRequest { Source = "a" }, cancellationToken: Ct));
        Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_said()
    {
        using var taken = new TcpListener(_address);
        taken.Start();

        var failure = await Assert.ThrowsAsync<OperatorException>(() => _bench.StartAsync(change: settings => settings with { MonitorListen = _address }));

        Assert.Contains($"{_address}", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.OperatorSocket));
    }

    [Theory]
    [InlineData("short", UnixFileMode.UserRead, "is no token")]
    [InlineData("with a space in it, long as it is", UnixFileMode.UserRead, "is no token")]
    [InlineData(Token, UnixFileMode.UserRead | UnixFileMode.GroupRead, "can be read by others")]
    public void A_token_file_that_is_none_or_not_secret_is_refused_without_showing_it(string text, UnixFileMode mode, string why)
    {
        var path = _bench.Join("token");
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);

        var failure = Assert.Throws<OperatorException>(() => AccessToken.Read(path));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(text, failure.Message + failure.Hint, StringComparison.Ordinal);
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private async Task StartWithTokenAsync(Func<ServiceSettings, ServiceSettings> change)
    {
        var path = _bench.Join("token");
        await File.WriteAllTextAsync(path, Token + "\n", Ct);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await _bench.StartAsync(change: settings => change(settings) with { Token = AccessToken.Read(path) });
    }

    /// <summary>An empty message in a frame of its own, as a browser's client sends it.</summary>
    private HttpRequestMessage WebCall(string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url, "/backupsidecar.v1.StatusService/GetStatus")) { Content = new ByteArrayContent(new byte[5]) };
        request.Content.Headers.ContentType = new("application/grpc-web");
        request.Headers.Authorization = new("Bearer", token);
        return request;
    }
}
