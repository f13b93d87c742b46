using BackupSidecar.Hosting.Serve;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class DiskGaugeTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Of_several_directories_on_one_volume_the_first_stands_for_it_and_what_is_not_there_is_left_out()
    {
        var gauge = new DiskGauge(new FakeTimeProvider());

        gauge.Look([(_scratch.Join("not there"), "repository"), (_scratch.FullPath, "repository"), (_scratch.FullPath, "state")]);

        var disk = Assert.Single(gauge.Disks);
        Assert.Equal((_scratch.FullPath, "repository", null), (disk.Path, disk.Use, disk.FullAt));
        Assert.InRange(disk.FreeBytes, 1, disk.TotalBytes);
    }
}
