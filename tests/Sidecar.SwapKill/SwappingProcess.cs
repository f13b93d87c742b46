using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;

namespace BackupSidecar.SwapKill;

/// <summary>Swaps; at the named step it says "reached" and waits to be killed.</summary>
internal static class SwappingProcess
{
    public static async Task<int> RunAsync(string target, string staged, string restoreId, string appIsStopped, string stopAt)
    {
        var stop = Enum.Parse<SwapStep>(stopAt);
        var patience = new SwapPatience
        {
            LockWaitMax = TimeSpan.FromMinutes(1),
            OpenersWaitMax = TimeSpan.FromMinutes(1),
            PollInterval = TimeSpan.FromMilliseconds(1),
        };
        var run = new SwapRun(TimeProvider.System, patience, step =>
        {
            if (step == stop)
            {
                Console.WriteLine("reached");
                Console.ReadLine();
            }
        });
        try
        {
            await run.ExecuteAsync(new SwapRequest(target, staged, restoreId, bool.Parse(appIsStopped)), CancellationToken.None);
            Console.WriteLine("done");
        }
        catch (OperatorException e)
        {
            Console.WriteLine($"refused {e.Kind} {e.Message}");
        }

        return 0;
    }
}
