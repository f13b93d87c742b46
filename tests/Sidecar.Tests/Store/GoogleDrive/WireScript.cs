using System.Net;
using System.Text;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>What goes wrong on the way between a store and Drive: rules, each for some requests, used up one after the other.</summary>
internal sealed class WireScript
{
    private readonly Lock _gate = new();
    private readonly List<Rule> _rules = [];
    private readonly List<string> _sent = [];

    /// <summary>Every request that was sent or swallowed: "POST /upload/drive/v3/files".</summary>
    public IReadOnlyList<string> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public HttpMessageHandler Between(HttpMessageHandler inner) => new Handler(this, inner);

    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
            _sent.Clear();
        }
    }

    /// <summary>The next fitting requests are answered by somebody else and do not arrive.</summary>
    public void Answer(Func<HttpRequestMessage, bool> fits, HttpStatusCode status, string body, int times = 1, string type = "application/json", TimeSpan? retryAfter = null) => Add(fits, times, (_, _) =>
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) };
        response.Headers.RetryAfter = retryAfter is { } delay ? new System.Net.Http.Headers.RetryConditionHeaderValue(delay) : null;
        return Task.FromResult(response);
    });

    /// <summary>The next fitting requests do not arrive.</summary>
    public void Cut(Func<HttpRequestMessage, bool> fits, int times = 1) => Add(fits, times, (_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, "cut"));

    /// <summary>The next fitting requests arrive and do their work; their answers are lost.</summary>
    public void LoseAnswer(Func<HttpRequestMessage, bool> fits, int times = 1) => Add(fits, times, async (_, send) =>
    {
        (await send()).Dispose();
        throw new HttpRequestException(HttpRequestError.ResponseEnded, "lost");
    });

    /// <summary>The answers of the next fitting requests come changed.</summary>
    public void Change(Func<HttpRequestMessage, bool> fits, Func<HttpResponseMessage, Task<HttpResponseMessage>> change, int times = 1) => Add(fits, times, async (_, send) => await change(await send()));

    /// <summary>The texts of the answers of the next fitting requests come changed.</summary>
    public void ChangeText(Func<HttpRequestMessage, bool> fits, Func<string, string> change, int times = 1) => Change(
        fits,
        async response =>
        {
            response.Content = new StringContent(change(await response.Content.ReadAsStringAsync()), Encoding.UTF8, "application/json");
            return response;
        },
        times);

    /// <summary>Something happens before the next fitting request is sent.</summary>
    public void Before(Func<HttpRequestMessage, bool> fits, Func<Task> act, int times = 1) => Add(fits, times, async (_, send) =>
    {
        await act();
        return await send();
    });

    public void Add(Func<HttpRequestMessage, bool> fits, int times, Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> act)
    {
        lock (_gate)
        {
            _rules.Add(new Rule(fits, act) { Left = times });
        }
    }

    public static bool IsList(HttpRequestMessage request) => request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath == "/drive/v3/files";

    public static bool IsChunk(HttpRequestMessage request) => request.Method == HttpMethod.Put && !request.Content!.Headers.GetValues("Content-Range").Single().StartsWith("bytes */", StringComparison.Ordinal);

    public static bool IsCreate(HttpRequestMessage request) => request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath == "/upload/drive/v3/files";

    public static bool IsDownload(HttpRequestMessage request) => request.RequestUri!.Query.Contains("alt=media", StringComparison.Ordinal);

    public static bool IsAny(HttpRequestMessage request) => request is not null;

    private async Task<HttpResponseMessage> ActAsync(HttpRequestMessage request, Func<Task<HttpResponseMessage>> send)
    {
        Rule? rule;
        lock (_gate)
        {
            _sent.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            rule = _rules.Find(candidate => candidate.Left > 0 && candidate.Fits(request));
            if (rule is not null)
            {
                rule.Left--;
            }
        }

        return rule is null ? await send() : await rule.Act(request, send);
    }

    private sealed record Rule(Func<HttpRequestMessage, bool> Fits, Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> Act)
    {
        public int Left { get; set; }
    }

    private sealed class Handler(WireScript script, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            script.ActAsync(request, () => base.SendAsync(request, cancellationToken)).WaitAsync(cancellationToken);
    }
}
