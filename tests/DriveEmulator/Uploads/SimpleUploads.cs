using System.Security.Cryptography;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>Uploads of one request: media alone, and multipart with metadata before the media.</summary>
internal sealed class SimpleUploads(FileWork work, FileCalls answers, ContentFolder contents, EmulatorOptions options)
{
    private const int BoundaryLengthMax = 200;

    public IEnumerable<CallRoute> Routes() =>
    [
        new("upload.media", "POST", "/upload/drive/v3/files", Units: 50, NeedsToken: true, MediaAsync, IsOf("media")),
        new("upload.media", "PATCH", "/upload/drive/v3/files/{id}", Units: 50, NeedsToken: true, MediaAsync, IsOf("media")),
        new("upload.multipart", "POST", "/upload/drive/v3/files", Units: 50, NeedsToken: true, MultipartAsync, IsOf("multipart")),
        new("upload.multipart", "PATCH", "/upload/drive/v3/files/{id}", Units: 50, NeedsToken: true, MultipartAsync, IsOf("multipart")),
    ];

    public static Func<HttpRequest, bool> IsOf(string type) => request => request.Query["uploadType"] == type && !request.Query.ContainsKey("upload_id");

    private Task MediaAsync(Call call, CancellationToken ct) =>
        StoreAsync(call, Plan(call, FileMetadata.Empty(), call.Request.ContentType, call.Request.ContentLength), call.Request.Body, ct);

    private async Task MultipartAsync(Call call, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(call.Request.ContentType, out var type)
            || type.MediaType != "multipart/related"
            || HeaderUtilities.RemoveQuotes(type.Boundary).ToString() is not { Length: > 0 and < BoundaryLengthMax } boundary)
        {
            throw new DriveException(400, "badContent", "Unsupported content with type: " + call.Request.ContentType);
        }

        try
        {
            await StorePartsAsync(call, new MultipartReader(boundary, call.Request.Body, bufferSize: 1 << 16), ct);
        }
        catch (IOException error) when (error.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal))
        {
            throw Malformed();
        }
    }

    private async Task StorePartsAsync(Call call, MultipartReader reader, CancellationToken ct)
    {
        var first = await reader.ReadNextSectionAsync(ct) ?? throw Malformed();
        var metadata = await FileMetadata.ReadAsync(first.Body, ct);
        var media = await reader.ReadNextSectionAsync(ct) ?? throw Malformed();
        var isBase64 = media.Headers?.TryGetValue("Content-Transfer-Encoding", out var encoding) == true && encoding == "base64";
        await using var body = isBase64 ? new CryptoStream(media.Body, new FromBase64Transform(), CryptoStreamMode.Read) : media.Body;
        await StoreAsync(call, Plan(call, metadata, media.ContentType, size: null), body, ct);
    }

    private FilePlan Plan(Call call, FileMetadata metadata, string? contentType, long? size) =>
        call.Argument.Length == 0 ? work.PlanCreate(call, metadata, contentType, size) : work.PlanUpdate(call, call.Argument, metadata, contentType, size);

    private async Task StoreAsync(Call call, FilePlan plan, Stream body, CancellationToken ct)
    {
        var name = ContentFolder.NewName();
        var isStored = false;
        try
        {
            using var writer = ContentWriter.Create(contents.PathOf(name), options.Sha256);
            await writer.AppendAsync(body, skip: 0, max: long.MaxValue, isLast: true, ct);
            var file = work.Do(plan, await writer.FinishAsync(name, ct), session: null);
            isStored = true;
            await call.AnswerAsync(answers.Show(file, plan.Caller, plan.Fields), ct);
        }
        finally
        {
            if (!isStored)
            {
                File.Delete(contents.PathOf(name));
            }
        }
    }

    private static DriveException Malformed() => new(400, "badContent", "Malformed multipart body.");
}
