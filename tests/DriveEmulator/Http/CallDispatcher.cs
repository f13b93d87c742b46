using System.IO.Compression;
using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.Net.Http.Headers;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>The way of every request: find its call, count it, let a fault act, ask for the token, take its units, answer.</summary>
internal sealed class CallDispatcher(IReadOnlyList<CallRoute> routes, CallerSource callers, UnitBudget budget, Faults.FaultScript faults, RequestLog log, EmulatorClock clock)
{
    /// <param name="outer">The batch that holds the request, or null.</param>
    public async Task AnswerAsync(HttpContext http, Call? outer)
    {
        var ct = http.RequestAborted;

        // The server's own clock is not moved.
        http.Response.Headers.Date = HeaderUtilities.FormatDate(clock.GetUtcNow());
        if (Find(http.Request, outer) is not { } call)
        {
            log.AddUnknown(http.Request, clock.GetUtcNow());
            await JsonAnswer.WriteAsync(http.Response, new DriveException(404, "notFound", "Not Found"), ct);
            return;
        }

        if (call.Route.IsControl)
        {
            await AnswerOrRefuseAsync(call, call.Route.Handle, ct);
            return;
        }

        var received = new CountingStream(http.Request.Body);
        var entry = log.Begin(call, clock.GetUtcNow());
        var sent = new AnswerStream(http.Response, count => log.End(entry, call, received.Count, count, clock.GetUtcNow()));
        http.Request.Body = BodyOf(call, received);
        http.Response.Body = sent;
        try
        {
            await faults.ActAsync(call, () => AnswerOrRefuseAsync(call, AnswerDriveAsync, ct), ct);
        }
        catch (Exception error) when (IsBroken(error))
        {
            call.IsCut = true;
        }
        finally
        {
            log.End(entry, call, received.Count, sent.Count, clock.GetUtcNow());
            call.AbortIfCut();
        }
    }

    private Call? Find(HttpRequest request, Call? outer)
    {
        var parts = (request.Path.Value ?? "").Split('/');
        foreach (var route in routes)
        {
            if (route.Fits(request, parts, out var argument))
            {
                return new Call(request.HttpContext, route, argument, outer);
            }
        }

        return null;
    }

    private async Task AnswerDriveAsync(Call call, CancellationToken ct)
    {
        if (call.Outer is not null && (call.Route.Kind.StartsWith("upload.", StringComparison.Ordinal) || call.Route.Kind is "files.download" or "batch"))
        {
            throw new DriveException(400, "badRequest", $"A batch holds no {call.Route.Kind}.");
        }

        if (call.Route.NeedsToken)
        {
            call.Caller = callers.Identify(call);
            budget.Take(call);
        }

        await call.Route.Handle(call, ct);
    }

    /// <summary>Google's own clients compress metadata; content never comes so.</summary>
    private static Stream BodyOf(Call call, CountingStream received) =>
        call.Request.Headers.ContentEncoding == "gzip" && call.Route.Kind is not ("upload.chunk" or "upload.media" or "upload.multipart")
            ? new GZipStream(received, CompressionMode.Decompress)
            : received;

    private static async Task AnswerOrRefuseAsync(Call call, Func<Call, CancellationToken, Task> answer, CancellationToken ct)
    {
        try
        {
            await answer(call, ct);
        }
        catch (InvalidDataException) when (!call.Response.HasStarted)
        {
            await JsonAnswer.WriteAsync(call.Response, new DriveException(400, "parseError", "Parse Error"), ct);
        }
        catch (DriveException error) when (!call.Response.HasStarted)
        {
            await JsonAnswer.WriteAsync(call.Response, error, ct);
        }
        catch (Exception error) when (IsBroken(error))
        {
            // The client is gone, or its body broke off: nobody waits for an answer.
            call.FaultText ??= "the client broke off";
            call.IsCut = true;
        }
        catch (Exception error) when (!call.Response.HasStarted)
        {
            // Our own mistake, or the disk's: whoever runs the emulator must see it.
            call.FaultText = $"internal error: {error.Message}";
            await JsonAnswer.WriteAsync(call.Response, new DriveException(500, "internalError", $"The emulator has failed: {error.Message}"), ct);
        }
    }

    private static bool IsBroken(Exception error) => error is BrokenBodyException or ConnectionResetException or OperationCanceledException or BadHttpRequestException;
}
