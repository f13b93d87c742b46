using BackupSidecar.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Against the emulator, or against Google where a variable names a credential (docs/google-drive.md).</summary>
public sealed class DriveStoreConformanceTests : ObjectStoreConformance, IAsyncLifetime
{
    private DriveScene _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartForConformanceAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    private protected override IObjectStore Open() => _scene.Open();
}
