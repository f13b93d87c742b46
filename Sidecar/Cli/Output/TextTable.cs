using Spectre.Console;

namespace BackupSidecar.Cli.Output;

/// <summary>Rows in columns: with lines on a terminal; elsewhere plain ASCII, as wide as the widest cell, for logs, pipes and grep.</summary>
internal static class TextTable
{
    public static void Write(TextWriter writer, IReadOnlyList<string> headings, IReadOnlyList<string[]> rows, bool isTerminal)
    {
        if (isTerminal)
        {
            Draw(writer, headings, rows);
            return;
        }

        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in rows.Prepend([.. headings]))
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static void Draw(TextWriter writer, IReadOnlyList<string> headings, IReadOnlyList<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading)));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(writer) }).Write(table);
    }
}
