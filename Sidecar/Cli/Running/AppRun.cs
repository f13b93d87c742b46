using System.Diagnostics;
using BackupSidecar.Api;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using Polly;
using Polly.Retry;

namespace BackupSidecar.Cli.Running;

/// <summary>An app that makes no call itself, started with its database prepared, watched, and asked to end for a restore. Start reading here.</summary>
/// <remarks>
/// (1) Have the database prepared; a sidecar that is not there yet is waited for
/// (2) Start the app; signals go to it, and its output is its own
/// (3) Meanwhile count as a running instance; confirm a restore when the app has run for a while; ask the app to end when the sidecar wants it to start again
/// (4) End as the app did, or with <see cref="RestartExitCode"/> if it was asked to
/// </remarks>
internal sealed class AppRun(AppRunOptions options, RemoteSidecar sidecar, SignalRelay signals, ICommandOutput output, TimeProvider time)
{
    /// <summary>EX_TEMPFAIL of sysexits.h: start it again.</summary>
    public const int RestartExitCode = 75;

    /// <summary>What a shell adds to the number of the signal that ended a program.</summary>
    private const int SignalExitCode = 128;

    private static readonly TimeSpan PrepareMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(15);

    private readonly string _instance = Guid.NewGuid().ToString("N");
    private volatile bool _isRestartWanted;
    private RestartRequest? _wanted;

    public async ValueTask<int> ExecuteAsync()
    {
        // (1)
        var preparing = PrepareAsync();
        if (await Task.WhenAny(preparing, signals.Ended) == signals.Ended)
        {
            return SignalExitCode + await signals.Ended;
        }

        var prepared = await preparing;

        // (2)
        using var app = Start();
        signals.Follow(app.Id);
        if (signals.Ended.IsCompleted)
        {
            // It came just before the app did.
            signals.AskToEnd();
        }

        // (3)
        using var over = new CancellationTokenSource();
        var watching = WatchAsync(prepared?.Restart?.RestoreId, over.Token);
        var confirming = prepared is { ConfirmDeadline: not null } ? ConfirmAsync(prepared.RestoreId, over.Token) : Task.CompletedTask;
        await app.WaitForExitAsync(CancellationToken.None);
        signals.Leave();
        await over.CancelAsync();
        await Task.WhenAll(watching, confirming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // (4)
        return _isRestartWanted ? RestartExitCode : app.ExitCode;
    }

    /// <returns>Null: the sidecar cannot be reached, and the options say that the app starts nevertheless.</returns>
    private async Task<PrepareDatabaseResponse?> PrepareAsync()
    {
        var request = new PrepareDatabaseRequest { Source = options.Source, InstanceId = _instance, AppVersion = options.AppVersion, WithoutConfirmation = options.ConfirmAfter is null };
        long? goneSince = null;
        var retry = Pipeline(e =>
        {
            // Counted from the first of the failures in a row.
            goneSince = e is NobodyAnswersException ? goneSince ?? time.GetTimestamp() : null;
            return IsTransient(e) || (goneSince is { } since && time.GetElapsedTime(since) < options.UnreachableAfter);
        });
        try
        {
            var response = await retry.ExecuteAsync(
                async ct => await sidecar.CallAsync((calls, call) => new LifecycleService.LifecycleServiceClient(calls).PrepareDatabaseAsync(request, call), PrepareMax, ct), CancellationToken.None);
            foreach (var warning in response.Warnings)
            {
                output.Warn(warning);
            }

            return response;
        }
        catch (NobodyAnswersException e)
        {
            RequireExisting(e);
            return null;
        }
    }

    /// <summary>Without a sidecar an app may open what is there, unless nobody knows whether that is whole.</summary>
    /// <exception cref="OperatorException">It may not.</exception>
    private void RequireExisting(NobodyAnswersException failure)
    {
        var unreachable = $"No sidecar could be reached within {DurationText.Of(options.UnreachableAfter)}";
        if (options.ExistingDatabase is not { } path)
        {
            throw new OperatorException(
                FailureKind.Failed, $"{unreachable}, so that the app is not started: {failure.Message}", "Start serve, or let the app open the database that is there with --open-existing PATH.", failure);
        }

        var paths = SwapPaths.Of(path);
        if (!File.Exists(paths.Database) || File.Exists(paths.Marker))
        {
            throw new OperatorException(
                FailureKind.UnsafeEnvironment,
                $"{unreachable}, and {(File.Exists(paths.Marker) ? $"a restore of {path} was interrupted" : $"there is no database at {path}")}: the app is not started.",
                "Start serve: it finishes or undoes the restore, and fills a database that is missing.",
                failure);
        }

        output.Warn($"{unreachable}: the app opens the database that is there, and nothing protects what it commits until serve runs.");
    }

    private Process Start()
    {
        try
        {
            // What is not redirected is inherited.
            return Process.Start(new ProcessStartInfo(options.Command[0], options.Command.Skip(1)) { UseShellExecute = false })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OperatorException(FailureKind.Failed, $"The app '{options.Command[0]}' cannot be started: {e.Message}.", "Name a program that exists and may be run, behind '--'.", e);
        }
    }

    /// <summary>An app goes on without its sidecar.</summary>
    /// <param name="known">The restore that waited when the app started: it could not be put in place then, and would not be at once.</param>
    /// <param name="over">The app has ended.</param>
    private async Task WatchAsync(string? known, CancellationToken over)
    {
        var started = time.GetTimestamp();
        var request = new WatchRequest { Source = options.Source, InstanceId = _instance };
        await Pipeline(static e => e is OperatorException).ExecuteAsync(
            async ct => await sidecar.ReadAsync((calls, call) => new LifecycleService.LifecycleServiceClient(calls).Watch(request, call), Take, ct), over);

        void Take(WatchResponse response)
        {
            var before = Interlocked.Exchange(ref _wanted, response.Restart);
            if (response.Restart is { } restart && before is null)
            {
                _ = AskToEndAsync(restart.RestoreId == known ? RestartPause - time.GetElapsedTime(started) : TimeSpan.Zero, over);
            }
        }
    }

    /// <summary>If it is still wanted after a pause: a supervisor must not start and end the app in a loop.</summary>
    private async Task AskToEndAsync(TimeSpan pause, CancellationToken over)
    {
        await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!over.IsCancellationRequested && Volatile.Read(ref _wanted) is { } restart && !_isRestartWanted)
        {
            _isRestartWanted = true;
            output.Warn($"The app is asked to end: {restart.Message}");
            signals.AskToEnd();
        }
    }

    /// <summary>An app that has run for so long works, as far as can be told from outside.</summary>
    private async Task ConfirmAsync(string restore, CancellationToken over)
    {
        await Task.Delay(options.ConfirmAfter!.Value, time, over);
        var request = new ConfirmHealthyRequest { Source = options.Source, RestoreId = restore, InstanceId = _instance };
        try
        {
            _ = await Pipeline(static e => IsTransient(e) || e is NobodyAnswersException).ExecuteAsync(
                async ct => await sidecar.CallAsync((calls, call) => new LifecycleService.LifecycleServiceClient(calls).ConfirmHealthyAsync(request, call), RemoteCommand.AnswerMax, ct), over);
        }
        catch (OperatorException e)
        {
            output.Warn($"Restore {restore} is not confirmed: {e.Message} {e.Hint}");
        }
    }

    /// <summary>Tries again, for as long as its token lives.</summary>
    private ResiliencePipeline Pipeline(Func<Exception, bool> isWorthIt) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } e && isWorthIt(e)),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = RetryMax,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <summary>The sidecar answered, and another time it may answer otherwise.</summary>
    private static bool IsTransient(Exception exception) => exception is ApiException { Reason: ErrorReason.Ending or ErrorReason.NotPreparedInTime or ErrorReason.TooManyCalls };
}
