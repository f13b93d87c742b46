using System.Diagnostics;

namespace BackupSidecar.Tests.Store;

/// <summary>A small file system in memory, for faults that only a file system makes.</summary>
internal sealed class MountedVolume(string path) : IAsyncDisposable
{
    public string Path => path;

    /// <summary>Null if this process may not mount.</summary>
    public static async Task<MountedVolume?> TryMountAsync(string path, string options, CancellationToken ct) =>
        await RunAsync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], ct) == 0 ? new MountedVolume(path) : null;

    public async Task RemountReadOnlyAsync()
    {
        if (await RunAsync("mount", ["-o", "remount,ro", path], CancellationToken.None) != 0)
        {
            throw new InvalidOperationException($"{path} could not be made read-only.");
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", [path], CancellationToken.None);

    private static async Task<int> RunAsync(string command, string[] arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode;
    }
}
