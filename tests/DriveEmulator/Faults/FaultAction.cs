using System.Text;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>Lets a fault that decides over a call happen.</summary>
internal static class FaultAction
{
    public static Task RunAsync(Fault fault, Call call, Func<Task> answer, CancellationToken ct) => fault.Kind switch
    {
        FaultKind.Status => RefuseAsync(fault, call, answer, ct),
        FaultKind.Cut => CutAsync(fault, call, answer),
        FaultKind.Truncate => WithAnswerAsync(call, new TruncatingStream(call, fault.Bytes ?? 0, fault.Clean == true), answer),
        FaultKind.Corrupt when fault.Side == FaultSide.Request => CorruptRequestAsync(fault, call, answer),
        FaultKind.Corrupt => WithAnswerAsync(call, new FlippingStream(call.Response.Body, fault.Bytes ?? 0), answer),
        FaultKind.SessionGone => ForgetAsync(fault, call, answer),
        _ => throw new InvalidOperationException($"{fault.Kind} decides nothing."),
    };

    private static async Task RefuseAsync(Fault fault, Call call, Func<Task> answer, CancellationToken ct)
    {
        if (fault.When == FaultWhen.After)
        {
            await DiscardAsync(call, answer);
        }

        var status = fault.Status!.Value;
        if (fault.RetryAfter is { } seconds)
        {
            call.Response.Headers.RetryAfter = $"{seconds}";
        }

        var error = FaultErrors.Of(status, fault.Reason, fault.Body == FaultBody.Modern ? BodyShape.Modern : BodyShape.Legacy);
        switch (fault.Body ?? FaultBody.Legacy)
        {
            case FaultBody.Html:
                await WriteAsync(call, status, "text/html; charset=UTF-8", PageOf(status), ct);
                break;
            case FaultBody.Half:
                var json = ErrorBody.Of(error).ToJsonString();
                await WriteAsync(call, status, "application/json; charset=UTF-8", json[..(json.Length / 2)], ct);
                break;
            case FaultBody.OAuth:
                await call.AnswerAsync(new JsonObject { ["error"] = error.Reason, ["error_description"] = error.Message }, ct, status);
                break;
            case FaultBody.Empty:
                call.AnswerNothing(status);
                break;
            default:
                await JsonAnswer.WriteAsync(call.Response, error, ct);
                break;
        }
    }

    private static async Task CutAsync(Fault fault, Call call, Func<Task> answer)
    {
        if (fault.When == FaultWhen.After)
        {
            await DiscardAsync(call, answer);
        }
        else if (fault.Bytes is { } bytes)
        {
            call.Request.Body = new BreakingStream(call.Request.Body, bytes);
            await DiscardAsync(call, answer);
        }

        call.IsCut = true;
    }

    private static Task ForgetAsync(Fault fault, Call call, Func<Task> answer)
    {
        call.GoneSessionStatus = fault.Status ?? 404;
        return answer();
    }

    private static Task CorruptRequestAsync(Fault fault, Call call, Func<Task> answer)
    {
        call.Request.Body = new FlippingStream(call.Request.Body, fault.Bytes ?? 0);
        return answer();
    }

    private static Task WithAnswerAsync(Call call, Stream body, Func<Task> answer)
    {
        call.Response.Body = body;
        return answer();
    }

    /// <summary>The call has its effect, and of its answer nothing is left.</summary>
    private static async Task DiscardAsync(Call call, Func<Task> answer)
    {
        var (body, date) = (call.Response.Body, call.Response.Headers.Date);
        call.Response.Body = new CountingStream(Stream.Null);
        await answer();
        call.Response.Body = body;
        call.Response.Headers.Clear();
        call.Response.Headers.Date = date;
    }

    private static string PageOf(int status) =>
        $"<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n<p><b>{status}.</b> <ins>That's an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.\n</html>\n";

    private static async Task WriteAsync(Call call, int status, string type, string text, CancellationToken ct)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        call.Response.StatusCode = status;
        call.Response.ContentType = type;
        call.Response.ContentLength = bytes.Length;
        await call.Response.Body.WriteAsync(bytes, ct);
    }
}
