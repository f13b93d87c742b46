using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>Long calls of one kind, by the ids of their requests: who asks again with the same id joins what goes on, or gets what came of it.</summary>
/// <param name="runningMax">So many go on at the same time; one more is refused.</param>
/// <param name="what">Such as "verifications".</param>
/// <param name="end">Of the service, with which all of them end.</param>
/// <param name="time">The clock.</param>
internal sealed class Operations<TResponse>(int runningMax, string what, CallEnd end, TimeProvider time)
    where TResponse : class, IEquatable<TResponse>
{
    /// <summary>Those that have ended are remembered for so long, and only the last ones.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private const int RememberedMax = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Operation<TResponse>> _known = new(StringComparer.Ordinal);
    private readonly CallLimit _running = new(runningMax, what);

    /// <param name="id">Checked; empty: a new one is made.</param>
    /// <param name="request">Two with the same id must be equal.</param>
    /// <param name="first">Makes the first message of an operation with that id.</param>
    /// <param name="work">Does it, tells how it gets on, and ends with the last message.</param>
    /// <exception cref="ApiException">As many as may go on already, or the id was used for another request.</exception>
    public Operation<TResponse> BeginOrJoin(string id, object request, Func<string, TResponse> first, Func<Operation<TResponse>, CancellationToken, Task<TResponse>> work)
    {
        lock (_gate)
        {
            Forget();
            if (id.Length > 0 && _known.TryGetValue(id, out var known))
            {
                return known.Request.Equals(request) ? known : throw new ApiException(
                    ErrorReason.InvalidArgument, $"The request_id '{id}' was used for another request.", "Make a new one for each request; repeat it only with the same fields, to watch that request again.");
            }

            var slot = _running.Enter();
            var newId = id.Length > 0 ? id : Guid.NewGuid().ToString("N");
            var operation = new Operation<TResponse>(newId, request, first(newId));
            operation.Begin(() => RunAsync(operation, work, slot), time);
            _known[newId] = operation;
            return operation;
        }
    }

    private async Task<TResponse> RunAsync(Operation<TResponse> operation, Func<Operation<TResponse>, CancellationToken, Task<TResponse>> work, CallLimit.Slot slot)
    {
        using (slot)
        {
            try
            {
                return await work(operation, end.Token);
            }
            catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
            {
                throw CallEnd.Ending();
            }
        }
    }

    private void Forget()
    {
        var ended = _known.Values.Where(operation => operation.EndedAt is not null).OrderByDescending(operation => operation.EndedAt).ToList();
        foreach (var operation in ended.Where((operation, i) => i >= RememberedMax || operation.EndedAt + Remembered <= time.GetUtcNow()))
        {
            _ = _known.Remove(operation.Id);
        }
    }
}
