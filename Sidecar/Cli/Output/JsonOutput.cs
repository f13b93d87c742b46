using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>One JSON object a line on standard output, and nothing else there. The last one has the type "summary" or "error".</summary>
internal sealed class JsonOutput(Surroundings surroundings) : ICommandOutput, IProgress<ProgressReport>
{
    private readonly Lock _gate = new();
    private readonly ProgressThrottle _throttle = new(surroundings.Time, TimeSpan.FromSeconds(1), startsOpen: true);
    private readonly long _started = surroundings.Time.GetTimestamp();
    private bool _ended;

    public ValueTask<T> TrackAsync<T>(Func<IProgress<ProgressReport>, ValueTask<T>> work) => work(this);

    public void Report(ProgressReport value)
    {
        if (_throttle.TryPass())
        {
            var elapsed = surroundings.Time.GetElapsedTime(_started);
            Write(new ProgressLine(value.Step, value.DoneBytes, value.TotalBytes, (long)elapsed.TotalMilliseconds), CliJson.Default.ProgressLine);
        }
    }

    public void Warn(string text) => Write(new WarningLine(text), CliJson.Default.WarningLine);

    public void Doubt(OperatorException doubt) => Write(new DoubtLine(doubt.Message, doubt.Hint), CliJson.Default.DoubtLine);

    public void Item<T>(T item, JsonTypeInfo<T> type) => Write(item, type);

    public void Tell<T>(T item, JsonTypeInfo<T> type, Action<TextWriter> writeText) => Write(item, type);

    public void Summarize<T>(T summary, JsonTypeInfo<T> type, Action<TextWriter> writeText) => Write(summary, type, isLast: true);

    public void Fail(Failure failure)
    {
        Write(new ErrorLine(failure.Message, failure.Hint, failure.ExitCode), CliJson.Default.ErrorLine, isLast: true);
        if (failure.Details is not null && surroundings.Variable(PeopleOutput.DebugVariable) == "1")
        {
            surroundings.Error.WriteLine(failure.Details);
        }
    }

    private void Write<T>(T document, JsonTypeInfo<T> type, bool isLast = false)
    {
        var line = JsonSerializer.Serialize(document, type);
        lock (_gate)
        {
            // Work that an interruption left behind may still report.
            if (!_ended)
            {
                _ended = isLast;
                surroundings.Out.WriteLine(line);
                surroundings.Out.Flush();
            }
        }
    }
}
