using BackupSidecar.Primitives;
using Polly;
using Polly.Retry;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>The one way to Drive: a call is tried, its failure understood, and repeated where that may help.</summary>
internal sealed class DriveRetry
{
    private readonly DriveErrors _errors;
    private readonly ResiliencePipeline _pipeline;

    public DriveRetry(DriveRetryOptions options, DriveErrors errors, TimeProvider time)
    {
        _errors = errors;
        _pipeline = options.RetriesMax == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is DriveCallException { IsPassing: true }),
                MaxRetryAttempts = options.RetriesMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.Delay,
                MaxDelay = options.DelayMax,
                DelayGenerator = arguments => ValueTask.FromResult(
                    (arguments.Outcome.Exception as DriveCallException)?.RetryAfter is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, options.DelayMax.Ticks)) : (TimeSpan?)null),
            })
            .Build();
    }

    public DriveErrors Errors => _errors;

    /// <param name="step">What is done, after "Cannot": "upload 'a'".</param>
    /// <param name="call">One try. Our own exceptions pass through it untouched, Google's become ours.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="DriveCallException">It failed in a way that repeating does not mend, or too often.</exception>
    public async ValueTask<T> CallAsync<T>(string step, Func<CancellationToken, Task<T>> call, CancellationToken ct) => await _pipeline.ExecuteAsync(
        async token =>
        {
            var attempt = DriveAttempt.Begin();
            try
            {
                return await call(token);
            }
            catch (Exception e) when (e is not OperatorException && !(e is OperationCanceledException && token.IsCancellationRequested))
            {
                // The library wraps what its handlers threw.
                throw Ours(e) ?? _errors.Of(e, attempt, step);
            }
        },
        ct);

    private static OperatorException? Ours(Exception exception)
    {
        for (var e = exception.InnerException; e is not null; e = e.InnerException)
        {
            if (e is OperatorException ours)
            {
                return ours;
            }
        }

        return null;
    }
}
