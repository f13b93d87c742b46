using Microsoft.CodeAnalysis;

namespace BackupSidecar.Tests.Architecture;

/// <summary>Time comes by constructor as a <see cref="TimeProvider"/>; only the rooms that put the program together take the system's.</summary>
/// <remarks>BannedSymbols.txt stops the plain clocks at build time. These are the ways around it, which one room or another may go.</remarks>
internal static class ClockRule
{
    private const string SystemClock = "P:System.TimeProvider.System";

    private static readonly string[] Assemblers = [RoomTable.Entrance, "Cli", "Hosting"];

    /// <summary>Documentation ids of what reads a clock, or waits on one, that nobody passed in. A type stands for all its members.</summary>
    private static readonly HashSet<string> Clocks = new(StringComparer.Ordinal)
    {
        SystemClock,
        "T:System.Diagnostics.Stopwatch",
        "T:System.Threading.Timer",
        "T:System.Timers.Timer",
        "P:System.Environment.TickCount",
        "P:System.Environment.TickCount64",
        "P:System.DateTime.Now",
        "P:System.DateTime.UtcNow",
        "P:System.DateTime.Today",
        "P:System.DateTimeOffset.Now",
        "P:System.DateTimeOffset.UtcNow",
        "M:System.Guid.CreateVersion7",
        "M:System.Threading.PeriodicTimer.#ctor(System.TimeSpan)",
        "M:System.Threading.CancellationTokenSource.#ctor(System.Int32)",
        "M:System.Threading.CancellationTokenSource.#ctor(System.TimeSpan)",
        "M:System.Threading.Tasks.Task.WaitAsync(System.TimeSpan)",
        "M:System.Threading.Tasks.Task.WaitAsync(System.TimeSpan,System.Threading.CancellationToken)",
        "M:System.Threading.Tasks.Task`1.WaitAsync(System.TimeSpan)",
        "M:System.Threading.Tasks.Task`1.WaitAsync(System.TimeSpan,System.Threading.CancellationToken)",
    };

    public static IEnumerable<Violation> Find(SidecarCode code) =>
        from meaning in code.Meanings
        let id = ClockOf(meaning.Symbol)
        where id is not null && !(id == SystemClock && Assemblers.Contains(SidecarCode.RoomOf(meaning.Place.SyntaxTree)))
        select SidecarCode.At(meaning.Place, $"{id} is a clock that nobody passed in");

    private static string? ClockOf(ISymbol symbol)
    {
        string?[] ids = [symbol.OriginalDefinition.GetDocumentationCommentId(), symbol.ContainingType?.GetDocumentationCommentId()];
        return ids.FirstOrDefault(id => id is not null && Clocks.Contains(id));
    }
}
