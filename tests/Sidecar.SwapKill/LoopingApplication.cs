using SQLitePCL;

namespace BackupSidecar.SwapKill;

/// <summary>An application that opens a database, reads all of it, writes, closes, again and again, and says each time what it found.</summary>
/// <remarks>A line of input is the path to use from then on; an empty one lets go, which it confirms with "closed".</remarks>
internal static class LoopingApplication
{
    private const int BusyMs = 20;

    public static async Task<int> RunAsync()
    {
        string? path = null;
        var command = Task.Run(Console.In.ReadLine);
        while (true)
        {
            await Task.WhenAny(command, Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System));
            if (command.IsCompleted)
            {
                path = await command;
                if (path is null)
                {
                    return 0;
                }

                command = Task.Run(Console.In.ReadLine);
                if (path.Length == 0)
                {
                    Console.WriteLine("closed");
                }
            }

            if (!string.IsNullOrEmpty(path))
            {
                Console.WriteLine(UseOnce(path));
            }
        }
    }

    private static string UseOnce(string path)
    {
        using var database = ContentDatabase.Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, BusyMs);
        return ContentDatabase.AddRows(database, count: 3);
    }
}
