using System.Net;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>Content of a request that tells the watch of every piece that the connection took.</summary>
internal sealed class WatchedContent : HttpContent
{
    private const int PieceBytes = 64 << 10;

    private readonly HttpContent _inner;
    private readonly StallWatch _watch;

    public WatchedContent(HttpContent inner, StallWatch watch)
    {
        (_inner, _watch) = (inner, watch);
        foreach (var (name, values) in inner.Headers)
        {
            _ = Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var content = await _inner.ReadAsStreamAsync(cancellationToken);

        // The same content may be sent again, after a new token.
        if (content.CanSeek)
        {
            content.Position = 0;
        }

        var piece = new byte[PieceBytes];
        for (int read; (read = await content.ReadAsync(piece, cancellationToken)) > 0;)
        {
            await stream.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            _watch.Ping();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }
}
