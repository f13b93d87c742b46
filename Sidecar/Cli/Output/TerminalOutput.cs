using System.Text;
using Spectre.Console;

namespace BackupSidecar.Cli.Output;

/// <summary>A writer that is known to lead to a terminal, whose size the console knows.</summary>
internal sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    public TextWriter Writer => writer;

    public bool IsTerminal => true;

    /// <summary>Some terminals say 0.</summary>
    public int Width => Console.WindowWidth is var width and > 0 ? width : UsualWidth;

    public int Height => Console.WindowHeight is var height and > 0 ? height : UsualHeight;

    public void SetEncoding(Encoding encoding)
    {
        // It is UTF-8 throughout.
    }
}
