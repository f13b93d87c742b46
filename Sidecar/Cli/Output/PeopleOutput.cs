using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Outcomes on standard output, everything else on standard error.</summary>
internal sealed class PeopleOutput(Surroundings surroundings) : ICommandOutput
{
    public const string DebugVariable = "BACKUPSIDECAR_DEBUG";

    private const string ShowCursor = "\e[?25h";

    private bool _isDrawing;

    public async ValueTask<T> TrackAsync<T>(Func<IProgress<ProgressReport>, ValueTask<T>> work)
    {
        if (!surroundings.IsErrorTerminal)
        {
            return await work(new ProgressLog(surroundings.Error, surroundings.Time));
        }

        _isDrawing = true;
        try
        {
            return await ProgressBar.RunAsync(surroundings.Error, surroundings.Time, work);
        }
        finally
        {
            _isDrawing = false;
        }
    }

    public void Warn(string text) => surroundings.Error.WriteLine($"warning: {text}");

    public void Doubt(OperatorException doubt)
    {
        surroundings.Error.WriteLine($"WARNING, OLDER BACKUPS ARE IN DOUBT: {doubt.Message}");
        surroundings.Error.WriteLine($"hint: {doubt.Hint}");
    }

    public void Item<T>(T item, JsonTypeInfo<T> type)
    {
    }

    public void Tell<T>(T item, JsonTypeInfo<T> type, Action<TextWriter> writeText)
    {
        writeText(surroundings.Out);
        surroundings.Out.Flush();
    }

    public void Summarize<T>(T summary, JsonTypeInfo<T> type, Action<TextWriter> writeText) => writeText(surroundings.Out);

    public void Fail(Failure failure)
    {
        if (_isDrawing)
        {
            // The work was left behind with its bar, which hides the cursor.
            surroundings.Error.WriteLine(ShowCursor);
        }

        surroundings.Error.WriteLine($"error: {failure.Message}");
        surroundings.Error.WriteLine($"hint: {failure.Hint}");
        if (failure.Details is not null && surroundings.Variable(DebugVariable) == "1")
        {
            surroundings.Error.WriteLine(failure.Details);
        }
    }
}
