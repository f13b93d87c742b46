using System.Buffers;
using BackupSidecar.DriveEmulator.Http;
using Microsoft.Net.Http.Headers;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary><c>files.get?alt=media</c>: the content, or one range of it.</summary>
internal sealed class DownloadCall(FileRights rights, ContentFolder contents)
{
    private const int BlockBytes = 256 << 10;

    public CallRoute Route() => new("files.download", "GET", "/drive/v3/files/{id}", Units: 200, NeedsToken: true, AnswerAsync, request => request.Query["alt"] == "media");

    private async Task AnswerAsync(Call call, CancellationToken ct)
    {
        var file = rights.ReadAnywhere(call, call.Argument);
        FileRights.EnsureScope(call.Caller.MayRead);

        if (file.Content is not { } content)
        {
            throw new DriveException(403, "fileNotDownloadable", "Only files with binary content can be directly downloaded. Use Export with Docs Editors files.") { Parameter = "alt" };
        }

        await using var bytes = OpenOrNotFound(content, file.Id);
        var response = call.Response;
        response.ContentType = file.MimeType;
        response.Headers.AcceptRanges = "bytes";
        var (first, count) = Select(call, content.Size);
        response.ContentLength = count;
        bytes.Position = first;
        await CopyAsync(bytes, response.Body, count, ct);
    }

    /// <summary>The first byte and how many; the status and the range are said in the answer's head.</summary>
    private static (long First, long Count) Select(Call call, long size)
    {
        // A range that cannot be read, or several of them, is as good as none: HTTP lets a server send everything.
        if (!RangeHeaderValue.TryParse(call.Request.Headers.Range.ToString(), out var header) || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return (0, size);
        }

        var range = header.Ranges.Single();
        var first = range.From ?? Math.Max(0, size - range.To!.Value);
        var last = range.From is null ? size - 1 : Math.Min(range.To ?? (size - 1), size - 1);
        if (first >= size || last < first)
        {
            call.Response.Headers.ContentRange = $"bytes */{size}";
            throw new DriveException(416, "requestedRangeNotSatisfiable", "Request range not satisfiable") { Parameter = "Range" };
        }

        call.Response.StatusCode = 206;
        call.Response.Headers.ContentRange = $"bytes {first}-{last}/{size}";
        return (first, last - first + 1);
    }

    /// <summary>The file may be deleted, or its content replaced, between the two looks.</summary>
    private FileStream OpenOrNotFound(FileContent content, string id)
    {
        try
        {
            return contents.OpenRead(content);
        }
        catch (FileNotFoundException)
        {
            throw DriveException.NotFound(id);
        }
    }

    private static async Task CopyAsync(FileStream source, Stream target, long count, CancellationToken ct)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (count > 0)
            {
                var read = await source.ReadAsync(block.AsMemory(0, (int)Math.Min(count, BlockBytes)), ct);
                await target.WriteAsync(block.AsMemory(0, read), ct);
                count -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
