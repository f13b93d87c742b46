using System.Globalization;

namespace BackupSidecar.Restore.Swap;

/// <summary>Names the processes that have a file open, as far as this process may see them.</summary>
internal static class OpenHolders
{
    /// <summary>At most this many are named: the message is for a person.</summary>
    private const int NamedMax = 4;

    /// <summary>Such as " (seen: process 17 'myapp')"; empty where none can be seen, as across containers.</summary>
    public static string Describe(FileFacts file)
    {
        var seen = new List<string>();
        foreach (var process in Entries("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && Entries(process + "/fd").Any(descriptor => FileFacts.OfLinked(descriptor) is { } facts && facts.IsSameFileAs(file)))
            {
                seen.Add($"process {id.ToString(CultureInfo.InvariantCulture)} '{NameOf(process)}'");
                if (seen.Count == NamedMax)
                {
                    break;
                }
            }
        }

        return seen.Count == 0 ? string.Empty : $" (seen: {string.Join(", ", seen)})";
    }

    private static string[] Entries(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText(process + "/comm").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
