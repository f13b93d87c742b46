namespace BackupSidecar.Cli.Output;

/// <summary>Rows in columns of plain ASCII, as wide as their widest cell: for logs, pipes and grep.</summary>
internal static class TextTable
{
    public static void Write(TextWriter writer, IReadOnlyList<string> headings, IReadOnlyList<string[]> rows, bool isTerminal)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in rows.Prepend([.. headings]))
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
