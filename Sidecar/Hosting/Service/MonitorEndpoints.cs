using BackupSidecar.Api;
using Microsoft.AspNetCore.Http;

namespace BackupSidecar.Hosting.Service;

/// <summary>The probes over HTTP/1.1, on the address for monitoring alone.</summary>
internal static class MonitorEndpoints
{
    public const string Metrics = "/metrics";

    /// <summary>Answers what comes through that address; everything else goes on.</summary>
    public static async Task HandleAsync(HttpContext context, RequestDelegate next, IServedSidecar sidecar)
    {
        if (!IsForMonitor(context) || context.Request.Path == Metrics)
        {
            await next(context);
            return;
        }

        // The first two ask no database and no lock: what hangs must not make serve look dead.
        Func<string?>? probe = context.Request.Path.Value switch
        {
            "/livez" => static () => null,
            "/readyz" => () => Probes.Readiness(sidecar.IsEnding),
            "/startupz" => () => Probes.Startup(sidecar.IsResolved, sidecar.Status.Sources),
            _ => null,
        };
        if (probe is null || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            context.Response.StatusCode = probe is null ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var problem = probe();
        context.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(problem is null ? "ok\n" : $"not yet: {problem}\n", context.RequestAborted);
    }

    /// <summary>HTTP/2 goes on to gRPC, which has its own rules.</summary>
    public static bool IsForMonitor(HttpContext context) => Callers.RoleOf(context) == CallerRole.Monitor && !HttpProtocol.IsHttp2(context.Request.Protocol);
}
