using System.Net;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What every request to Drive passes: the budget, a watch for silence, and notes of what was refused and why.</summary>
internal sealed class DriveGate(DriveBudget budget, TimeSpan patience, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Its calls are counted where it is made, since only there their number is known.</summary>
    private const string BatchPath = "/batch/";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isBatch = request.RequestUri!.AbsolutePath.StartsWith(BatchPath, StringComparison.Ordinal);
        if (!isBatch)
        {
            await budget.TakeAsync(UnitsOf(request), requests: 1, cancellationToken);
        }

        using var watch = new StallWatch(patience, time, cancellationToken);
        var content = request.Content;
        request.Content = content is null ? null : new WatchedContent(content, watch);
        try
        {
            var response = await base.SendAsync(request, watch.Token);
            watch.Ping();
            if (response.IsSuccessStatusCode && IsDownload(request))
            {
                return response;
            }

            await response.Content.LoadIntoBufferAsync(watch.Token);
            if (!response.IsSuccessStatusCode && (int)response.StatusCode != 308)
            {
                await NoteAsync(response);
            }

            return response;
        }
        catch (OperationCanceledException e) when (watch.HasStalled)
        {
            throw new TimeoutException($"Nothing moved for {patience.TotalSeconds:0} s.", e);
        }
        finally
        {
            request.Content = content;
        }
    }

    private async Task NoteAsync(HttpResponseMessage response)
    {
        if (DriveAttempt.Current is { } attempt)
        {
            attempt.Status = (int)response.StatusCode;
            attempt.RetryAfter = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;
            (attempt.Reasons, attempt.Message) = DriveErrorBody.Read(await response.Content.ReadAsStringAsync());
        }
    }

    private static int UnitsOf(HttpRequestMessage request) => request.Method.Method switch
    {
        "GET" when IsDownload(request) => DriveBudget.DownloadUnits,
        "GET" when request.RequestUri!.AbsolutePath.EndsWith("/files", StringComparison.Ordinal) => DriveBudget.ListUnits,
        "GET" => DriveBudget.GetUnits,
        _ => DriveBudget.WriteUnits,
    };

    private static bool IsDownload(HttpRequestMessage request) => request.Method == HttpMethod.Get && request.RequestUri!.Query.Contains("alt=media", StringComparison.Ordinal);
}
