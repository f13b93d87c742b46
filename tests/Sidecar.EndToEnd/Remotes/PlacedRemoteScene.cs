using BackupSidecar.DriveEmulator;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>A <see cref="RemoteScene"/> whose second repository lies in a directory or in an emulated Google Drive.</summary>
internal sealed class PlacedRemoteScene : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private EmulatorHost? _emulator;

    public RemoteScene Scene { get; } = new();

    /// <summary>Of the emulator, where there is one.</summary>
    public Uri DriveAddress => _emulator!.BaseAddress;

    public async Task AddAsync(bool isDrive)
    {
        if (!isDrive)
        {
            await Scene.AddRemoteAsync();
            return;
        }

        _emulator = await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = _directory.Join("emulator"), AnyToken = true }, TestContext.Current.CancellationToken);
        await Scene.AddDriveAsync(_emulator.BaseAddress);
    }

    public async ValueTask DisposeAsync()
    {
        await (_emulator?.DisposeAsync() ?? ValueTask.CompletedTask);
        Scene.Dispose();
        _directory.Dispose();
    }
}
