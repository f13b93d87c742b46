using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>Uploads in pieces: a start that answers the address of a session, pieces that may break off anywhere, and the question what is stored.</summary>
internal sealed class ResumableUploads(SessionBook sessions, FileWork work, FileIndex files, FileCalls answers, ContentFolder contents, EmulatorOptions options)
{
    /// <summary>Resume Incomplete, as Google has it.</summary>
    private const int Incomplete = 308;

    /// <summary>What Google answers to a cancelled session.</summary>
    private const int ClientClosed = 499;

    public IEnumerable<CallRoute> Routes() =>
    [
        new("upload.start", "POST", "/upload/drive/v3/files", Units: 50, NeedsToken: true, StartAsync, SimpleUploads.IsOf("resumable")),
        new("upload.start", "PATCH", "/upload/drive/v3/files/{id}", Units: 50, NeedsToken: true, StartAsync, SimpleUploads.IsOf("resumable")),
        .. OfSession("upload.status", "PUT", StatusAsync, request => request.Headers.ContentRange.ToString().StartsWith("bytes */", StringComparison.OrdinalIgnoreCase)),
        .. OfSession("upload.chunk", "PUT", PieceAsync, _ => true),
        .. OfSession("upload.chunk", "POST", PieceAsync, _ => true),
        .. OfSession("upload.cancel", "DELETE", CancelAsync, _ => true),
    ];

    /// <summary>The address is a secret: whoever has it needs no token.</summary>
    private static IEnumerable<CallRoute> OfSession(string kind, string method, Func<Call, CancellationToken, Task> handle, Func<HttpRequest, bool> applies)
    {
        bool Applies(HttpRequest request) => request.Query.ContainsKey("upload_id") && applies(request);
        yield return new(kind, method, "/upload/drive/v3/files", Units: 0, NeedsToken: false, handle, Applies);
        yield return new(kind, method, "/upload/drive/v3/files/{id}", Units: 0, NeedsToken: false, handle, Applies);
    }

    private async Task StartAsync(Call call, CancellationToken ct)
    {
        var type = call.Request.Headers["X-Upload-Content-Type"].ToString() is { Length: > 0 } named ? named : null;
        var length = call.Request.Headers["X-Upload-Content-Length"].ToString();
        var total = long.TryParse(length, out var bytes) && bytes >= 0 ? bytes : (long?)null;
        var metadata = await FileMetadata.ReadAsync(call.Request.Body, ct);
        var plan = call.Argument.Length == 0 ? work.PlanCreate(call, metadata, type, total) : work.PlanUpdate(call, call.Argument, metadata, type, total);
        var session = sessions.Start(plan, total);
        call.Response.Headers.Location = AddressOf(call, session.Document.Id);
        call.Response.Headers["X-GUploader-UploadID"] = session.Document.Id;
        call.AnswerNothing(200);
    }

    private static string AddressOf(Call call, string session)
    {
        // Whoever asks for one of Google's names has come through a proxy that ended TLS.
        var isGoogle = call.Request.Host.Host.EndsWith(".googleapis.com", StringComparison.OrdinalIgnoreCase);
        var drives = call.SupportsAllDrives ? "&supportsAllDrives=true" : "";
        return $"{(isGoogle ? "https" : call.Request.Scheme)}://{call.Request.Host}{call.Request.Path}?uploadType=resumable{drives}&upload_id={session}";
    }

    /// <summary>Asked with the total when everything is stored, it ends the upload.</summary>
    private async Task StatusAsync(Call call, CancellationToken ct)
    {
        var range = ContentRange.Parse(call.Request.Headers.ContentRange.ToString());
        var session = SessionOf(call);
        using var turn = await session.TakeAsync(ct);
        await AnswerAsync(call, session, range.Total, turn.Ct);
    }

    private async Task PieceAsync(Call call, CancellationToken ct)
    {
        var session = SessionOf(call);
        using var turn = await session.TakeAsync(ct);
        if (session.Document.IsDone)
        {
            await AnswerAsync(call, session, total: null, turn.Ct);
            return;
        }

        var range = call.Request.Headers.ContentRange.ToString() is { Length: > 0 } header ? ContentRange.Parse(header) : Whole(call, session);
        if (session.Document.Total is { } announced && range.Total is { } total && total != announced)
        {
            throw new DriveException(400, "badRequest", $"Invalid request. The upload was started with {announced} bytes, not {total}.") { Parameter = "Content-Range" };
        }

        await StoreAsync(call, WriterOf(session), range, turn.Ct);
        await AnswerAsync(call, session, range.Total ?? TotalOfWhole(call, session, range), turn.Ct);
    }

    /// <summary>A piece without a range is the whole content.</summary>
    private static ContentRange Whole(Call call, UploadSession session)
    {
        var total = call.Request.ContentLength ?? session.Document.Total;
        return total is 0 ? new ContentRange(0, -1, 0) : new ContentRange(0, total - 1, total);
    }

    /// <summary>Where neither a range nor a length has said it, the end of the body is the end of the content.</summary>
    private static long? TotalOfWhole(Call call, UploadSession session, ContentRange range) =>
        range.Last is null && !call.Request.Headers.ContainsKey("Content-Range") ? session.Writer!.Length : null;

    private static async Task StoreAsync(Call call, ContentWriter writer, ContentRange range, CancellationToken ct)
    {
        if (range.IsQuestion)
        {
            return;
        }

        var length = range.Last - range.First + 1;
        var isLast = range.Last is null || range.Last + 1 == range.Total;
        if (call.Request.ContentLength is { } sent && length is not null && sent != length)
        {
            throw new DriveException(400, "badRequest", $"Invalid request. The Content-Range names {length} bytes, the body has {sent}.") { Parameter = "Content-Range" };
        }

        if (!isLast && length % ContentWriter.BlockBytes != 0)
        {
            throw new DriveException(400, "badRequest", "Invalid request. The number of bytes uploaded is required to be equal or greater than 262144, except for the final request, and a multiple of it.") { Parameter = "Content-Range" };
        }

        if (range.First > writer.Length)
        {
            throw new DriveException(400, "badRequest", $"Invalid request. The piece begins at {range.First}, but only {writer.Length} bytes are stored.") { Parameter = "Content-Range" };
        }

        var skip = writer.Length - range.First!.Value;
        var max = Math.Max(0, Math.Min((length ?? long.MaxValue) - skip, call.PersistMax ?? long.MaxValue));
        await writer.AppendAsync(call.Request.Body, skip, max, isLast && call.PersistMax is null, ct);
    }

    private async Task AnswerAsync(Call call, UploadSession session, long? total, CancellationToken ct)
    {
        var plan = session.Document.Plan;
        if (session.Document.IsDone)
        {
            var done = files.Find(plan.FileId) ?? throw SessionBook.Gone(404);
            await call.AnswerAsync(answers.Show(done, plan.Caller, plan.Fields), ct);
            return;
        }

        var writer = WriterOf(session);
        if (total < writer.Length)
        {
            throw new DriveException(400, "badRequest", $"Invalid request. {writer.Length} bytes are stored, more than the {total} of the whole.") { Parameter = "Content-Range" };
        }

        if (total == writer.Length)
        {
            var file = work.Do(plan, await writer.FinishAsync(session.Document.ContentName, ct), session.Document.Id);
            sessions.Finish(session);
            await call.AnswerAsync(answers.Show(file, plan.Caller, plan.Fields), ct);
            return;
        }

        if (writer.Length > 0)
        {
            call.Response.Headers.Range = $"bytes=0-{writer.Length - 1}";
        }

        call.AnswerNothing(Incomplete);
        call.Http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = "Resume Incomplete";
    }

    private async Task CancelAsync(Call call, CancellationToken ct)
    {
        var session = SessionOf(call);
        using var turn = await session.TakeAsync(ct);
        sessions.Remove(session);
        call.AnswerNothing(ClientClosed);
    }

    /// <exception cref="DriveException">404 or 410: there is no such session, or a fault has just taken it away.</exception>
    private UploadSession SessionOf(Call call)
    {
        var session = sessions.Find(call.Parameter("upload_id")!);
        if (call.GoneSessionStatus is { } status)
        {
            sessions.Remove(session);
            throw SessionBook.Gone(status);
        }

        return session;
    }

    private ContentWriter WriterOf(UploadSession session) =>
        session.Writer ??= ContentWriter.Continue(contents.PathOf(session.Document.ContentName), options.Sha256);
}
