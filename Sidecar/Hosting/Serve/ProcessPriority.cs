using System.Globalization;
using System.Runtime.InteropServices;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The share of the processor that this process asks for, where it is fought for.</summary>
internal static partial class ProcessPriority
{
    /// <summary>About a third of what a thread of the application gets. With more, encoders would cost commits; with much less, a busy machine would let captures fall behind.</summary>
    private const int BelowNormal = 5;

    private const int OfThread = 0;
    private const string Threads = "/proc/self/task";

    /// <summary>Lowers every thread; threads to come inherit it. On Linux a priority belongs to a thread. What is refused leaves the process as it is.</summary>
    public static void Lower()
    {
        var lowered = new HashSet<int>();

        // Until no thread is there that another one began before it was lowered itself.
        while (Directory.EnumerateDirectories(Threads).Select(IdOf).FirstOrDefault(lowered.Add) is var thread and not 0)
        {
            if (GetPriority(OfThread, thread) < BelowNormal)
            {
                _ = SetPriority(OfThread, thread, BelowNormal);
            }
        }
    }

    private static int IdOf(string directory) => int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);
}
