using System.Runtime.InteropServices;

namespace BackupSidecar.Hosting.Serve;

/// <summary>How many files this process may have open. Container runtimes start it with a soft limit of 1024 or less, far below the hard one.</summary>
internal static partial class OpenFileLimit
{
    private const int OpenFiles = 7;

    /// <summary>Raises the soft limit to the hard one, as a process without select(2) may. What is refused leaves the limit as it is.</summary>
    /// <returns>The soft limit as it is now; <see cref="int.MaxValue"/> where there is none, or none is known.</returns>
    public static int Raise()
    {
        if (GetLimit(OpenFiles, out var limit) != 0)
        {
            return int.MaxValue;
        }

        var raised = limit with { Soft = limit.Hard };
        var soft = SetLimit(OpenFiles, in raised) == 0 ? raised.Soft : limit.Soft;
        return (int)nuint.Min(soft, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private record struct Limit(nuint Soft, nuint Hard);
}
