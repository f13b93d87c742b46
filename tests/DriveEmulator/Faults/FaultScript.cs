using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>What goes wrong, and when.</summary>
public sealed class FaultScript
{
    private long _calls;

    internal Task ActAsync(Call call, Func<Task> answer, CancellationToken ct)
    {
        Interlocked.Increment(ref _calls);
        return answer();
    }
}
