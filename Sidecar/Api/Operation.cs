using System.Runtime.ExceptionServices;

namespace BackupSidecar.Api;

/// <summary>Something long that goes on without the client that began it.</summary>
/// <param name="id">Of the request.</param>
/// <param name="request">What was asked for.</param>
/// <param name="first">What is told before anything has been done.</param>
internal sealed class Operation<TResponse>(string id, object request, TResponse first)
    where TResponse : class
{
    private TResponse _latest = first;
    private ExceptionDispatchInfo? _failure;

    public string Id { get; } = id;

    public object Request { get; } = request;

    /// <summary>Ends with the last message, or with what went wrong.</summary>
    public Task<TResponse> Work { get; private set; } = Task.FromResult(first);

    /// <summary>Null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What is to be told now.</summary>
    /// <exception cref="Exception">It has failed.</exception>
    public TResponse Look()
    {
        Volatile.Read(ref _failure)?.Throw();
        return Volatile.Read(ref _latest);
    }

    public void Tell(TResponse message) => Volatile.Write(ref _latest, message);

    /// <summary>Called once, by its maker.</summary>
    public void Begin(Func<Task<TResponse>> work, TimeProvider time) => Work = Task.Run(async () =>
    {
        try
        {
            var last = await work();
            Tell(last);
            return last;
        }
        catch (Exception e)
        {
            Volatile.Write(ref _failure, ExceptionDispatchInfo.Capture(e));
            throw;
        }
        finally
        {
            EndedAt = time.GetUtcNow();
        }
    });
}
