using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Where a command says what it does: to people, or to programs.</summary>
internal interface ICommandOutput
{
    /// <summary>Runs the work and shows its progress meanwhile. Reports may come often, and from any thread.</summary>
    ValueTask<T> TrackAsync<T>(Func<IProgress<ProgressReport>, ValueTask<T>> work);

    /// <summary>Something that makes the work doubtful, but not wrong. A whole sentence.</summary>
    void Warn(string text);

    /// <summary>Something wrong with what was stored earlier.</summary>
    void Doubt(OperatorException doubt);

    /// <summary>One of many things, for programs only: people get them in the outcome.</summary>
    void Item<T>(T item, JsonTypeInfo<T> type);

    /// <summary>One of many things, said when it comes.</summary>
    void Tell<T>(T item, JsonTypeInfo<T> type, Action<TextWriter> writeText);

    /// <summary>The outcome; the last thing that is said, once.</summary>
    /// <param name="summary">For programs.</param>
    /// <param name="type">How the summary is written.</param>
    /// <param name="writeText">Writes the same for people.</param>
    void Summarize<T>(T summary, JsonTypeInfo<T> type, Action<TextWriter> writeText);

    /// <summary>The end of a command that failed, in place of a summary.</summary>
    void Fail(Failure failure);
}
