namespace BackupSidecar.Testing;

/// <summary>Says from outside, in a process of its own, which of SQLite's locks a process holds on a database.</summary>
internal sealed class LockProbe(WriterProcess outside)
{
    /// <summary>Such as <c>SHARED READ1 DMS</c>, with <c>!</c> behind what is locked for writing; empty: nothing.</summary>
    public async Task<string> HeldByAsync(int processId, string path)
    {
        var locks = await outside.LocksAsync(path);
        return string.Join(' ', locks.Where(held => held.ProcessId == processId).Select(held => held.ForWriting ? $"{held.Name}!" : held.Name));
    }

    /// <summary>What this process holds.</summary>
    public Task<string> HeldByUsAsync(string path) => HeldByAsync(Environment.ProcessId, path);
}
