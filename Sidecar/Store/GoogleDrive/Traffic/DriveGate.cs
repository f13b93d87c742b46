using System.Net;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What every request to Drive passes: the budget, a watch for silence, counts, and notes of what was refused and why.</summary>
internal sealed class DriveGate(DriveBudget budget, TimeSpan patience, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Its calls are counted where it is made, since only there their number is known.</summary>
    private const string BatchPath = "/batch/";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isBatch = request.RequestUri!.AbsolutePath.StartsWith(BatchPath, StringComparison.Ordinal);
        var kind = KindOf(request);
        if (!isBatch)
        {
            await budget.TakeAsync(DriveBudget.UnitsOf(kind), calls: 1, cancellationToken);
        }

        using var watch = new StallWatch(patience, time, cancellationToken);
        var content = request.Content;
        request.Content = content is null ? null : new WatchedContent(content, watch);
        try
        {
            var response = await base.SendAsync(request, watch.Token);
            watch.Ping();
            if (response.IsSuccessStatusCode && kind == DriveRequestKind.Download)
            {
                budget.Traffic.Add(kind, DriveRequestResult.Ok);
                return response;
            }

            await response.Content.LoadIntoBufferAsync(watch.Token);
            IReadOnlyList<string> reasons = response.IsSuccessStatusCode || (int)response.StatusCode == 308 ? [] : await NoteAsync(response);
            if (!isBatch || !response.IsSuccessStatusCode)
            {
                budget.Traffic.Add(kind, response.StatusCode, reasons);
            }

            return response;
        }
        catch (OperationCanceledException e) when (watch.HasStalled)
        {
            budget.Traffic.Add(kind, DriveRequestResult.Failed);
            throw new TimeoutException($"Nothing moved for {patience.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            budget.Traffic.Add(kind, DriveRequestResult.Failed);
            throw;
        }
        finally
        {
            request.Content = content;
        }
    }

    /// <returns>Drive's words for what is wrong.</returns>
    private async Task<IReadOnlyList<string>> NoteAsync(HttpResponseMessage response)
    {
        var (reasons, message) = DriveErrorBody.Read(await response.Content.ReadAsStringAsync());
        if (DriveAttempt.Current is { } attempt)
        {
            attempt.Status = (int)response.StatusCode;
            attempt.RetryAfter = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - time.GetUtcNow() : null;
            (attempt.Reasons, attempt.Message) = (reasons, message);
        }

        return reasons;
    }

    private static DriveRequestKind KindOf(HttpRequestMessage request) => request.Method.Method switch
    {
        "GET" when request.RequestUri!.Query.Contains("alt=media", StringComparison.Ordinal) => DriveRequestKind.Download,
        "GET" when request.RequestUri!.AbsolutePath.EndsWith("/files", StringComparison.Ordinal) => DriveRequestKind.List,
        "GET" => DriveRequestKind.Get,
        _ => DriveRequestKind.Write,
    };
}
