using System.Net;
using Google.Apis.Download;
using Google.Apis.Services;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Downloads one range, and takes no answer for it that is not that range.</summary>
internal sealed class RangeDownloader : MediaDownloader
{
    /// <summary>Bytes in memory between the connection and the stream. A download that does not bring that many within the patience of its caller is taken for dead.</summary>
    private const int PieceBytes = 256 << 10;

    private readonly long _first;
    private readonly long _final;
    private long _received;

    public RangeDownloader(IClientService service, long first, long final)
        : base(service)
    {
        (_first, _final) = (first, final);
        Range = new System.Net.Http.Headers.RangeHeaderValue(first, final);
        ChunkSize = (int)Math.Min(PieceBytes, final - first + 1);
    }

    protected override void OnResponseReceived(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (type is "text/html" or "application/json")
        {
            throw new UnexpectedAnswerException($"a page of type {type} came in place of the content");
        }

        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode != HttpStatusCode.PartialContent || range is null)
        {
            // The whole in place of a range is what some proxies make of it.
            throw new UnexpectedAnswerException($"status {(int)response.StatusCode} and no range came in place of the range");
        }

        if (range.From != _first || range.To is null || range.To > _final)
        {
            throw new UnexpectedAnswerException($"the range {range.From}-{range.To} came in place of {_first}-{_final}");
        }

        if (range.To < _final)
        {
            throw new ShortContentException(range.To.Value + 1);
        }
    }

    protected override void OnDataReceived(byte[] data, int length)
    {
        _received += length;
        if (_received > _final - _first + 1)
        {
            throw new UnexpectedAnswerException("more came than the range has");
        }
    }

    protected override void OnDownloadCompleted()
    {
        if (_received != _final - _first + 1)
        {
            throw new UnexpectedAnswerException($"the content broke off after {_received} of {_final - _first + 1} bytes");
        }
    }
}
