using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace BackupSidecar.Testing;

/// <summary>Runs code as another user as far as files go: who may open them, and who owns new ones. Needs root.</summary>
internal static partial class ForeignUser
{
    private const uint Root = 0;

    public static bool IsPossible => geteuid() == Root;

    /// <summary>Runs <paramref name="work"/> to its end on a thread of its own: the file system's user is a thread's property.</summary>
    public static void Run(uint userId, Action work)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            _ = setfsgid(userId);
            _ = setfsuid(userId);
            try
            {
                work();
            }
#pragma warning disable CA1031 // Rethrown on the caller's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _ = setfsuid(Root);
                _ = setfsgid(Root);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int setfsuid(uint id);

    [LibraryImport("libc")]
    private static partial int setfsgid(uint id);
}
