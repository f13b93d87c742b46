using System.Text;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>What was asked: the last requests one by one, and counters of all since the start.</summary>
/// <param name="entriesMax">Older requests are forgotten.</param>
public sealed class RequestLog(int entriesMax)
{
    private static readonly string[] Secrets = ["upload_id", "access_token", "code", "state", "key", "token", "refresh_token", "client_secret", "code_challenge", "user_code"];

    private readonly Lock _lock = new();
    private readonly LinkedList<RequestEntry> _entries = new();
    private readonly SortedDictionary<string, long> _byKind = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, long> _byStatus = [];
    private long _number;
    private long _units;
    private long _received;
    private long _sent;
    private long _faults;

    /// <summary>In the order in which they came; one that is being answered has the status 0.</summary>
    public IReadOnlyList<RequestEntry> Entries()
    {
        lock (_lock)
        {
            return [.. _entries];
        }
    }

    public RequestCounters Counters()
    {
        lock (_lock)
        {
            return new RequestCounters(_number, _units, _received, _sent, _faults, new Dictionary<string, long>(_byKind), new Dictionary<int, long>(_byStatus));
        }
    }

    /// <summary>Forgets the requests and starts the counters again.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _byKind.Clear();
            _byStatus.Clear();
            (_number, _units, _received, _sent, _faults) = (0, 0, 0, 0, 0);
        }
    }

    internal LinkedListNode<RequestEntry> Begin(Call call, DateTimeOffset time) => Add(call.Request, call.Route.Kind, time, status: 0);

    /// <summary>A request that is no call.</summary>
    internal void AddUnknown(HttpRequest request, DateTimeOffset time)
    {
        lock (_lock)
        {
            Add(request, "unknown", time, status: 404);
            _byStatus[404] = _byStatus.GetValueOrDefault(404) + 1;
        }
    }

    /// <summary>Only the first end counts.</summary>
    internal void End(LinkedListNode<RequestEntry> entry, Call call, long received, long sent, DateTimeOffset time)
    {
        lock (_lock)
        {
            if (call.IsLogged)
            {
                return;
            }

            call.IsLogged = true;
            var isCut = call.IsCut || call.Http.RequestAborted.IsCancellationRequested;
            entry.Value = entry.Value with
            {
                Status = isCut ? 0 : call.Response.StatusCode,
                ReceivedBytes = received,
                SentBytes = sent,
                Units = call.Units,
                Milliseconds = (time - entry.Value.Time).TotalMilliseconds,
                Account = call.CallerIfKnown?.Account,
                Client = call.CallerIfKnown?.ClientId,
                Fault = call.FaultText,
            };
            _byStatus[entry.Value.Status] = _byStatus.GetValueOrDefault(entry.Value.Status) + 1;
            _units += call.Units;
            _received += received;
            _sent += sent;
            _faults += call.FaultText is null ? 0 : 1;
        }
    }

    private LinkedListNode<RequestEntry> Add(HttpRequest request, string kind, DateTimeOffset time, int status)
    {
        lock (_lock)
        {
            _number++;
            _byKind[kind] = _byKind.GetValueOrDefault(kind) + 1;
            if (_entries.Count == entriesMax)
            {
                _entries.RemoveFirst();
            }

            return _entries.AddLast(new RequestEntry(_number, time, request.Method, kind, PathOf(request), status, 0, 0, 0, 0, null, null, null));
        }
    }

    private static string PathOf(HttpRequest request)
    {
        var path = new StringBuilder(request.Path.Value);
        var separator = '?';
        foreach (var (name, value) in request.Query)
        {
            path.Append(separator).Append(name).Append('=').Append(Secrets.Contains(name) ? "***" : value.ToString());
            separator = '&';
        }

        return path.ToString();
    }
}
