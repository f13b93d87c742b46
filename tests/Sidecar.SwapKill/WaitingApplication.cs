using System.Globalization;
using SQLitePCL;

namespace BackupSidecar.SwapKill;

/// <summary>An application that opens the file, says so, and on a line of input waits for its lock as long as its busy time-out allows, then writes.</summary>
internal static class WaitingApplication
{
    public static int Run(string path, string busyMs)
    {
        using var database = ContentDatabase.Open(path, raw.SQLITE_OPEN_READWRITE, int.Parse(busyMs, CultureInfo.InvariantCulture));
        Console.WriteLine("opened");
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine("trying");
            Console.WriteLine(ContentDatabase.AddRows(database, count: 50));
        }

        return 0;
    }
}
