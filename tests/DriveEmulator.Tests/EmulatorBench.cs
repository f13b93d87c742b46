using Microsoft.Extensions.Time.Testing;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>An emulator in this process, over a data directory that goes with it.</summary>
internal sealed class EmulatorBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drive-emulator-");
    private readonly List<DriveClient> _clients = [];

    /// <summary>Stands still unless a test moves it, beginning in the middle of a minute and of a day.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 30, TimeSpan.Zero));

    public EmulatorHost Host { get; private set; } = null!;

    public DriveClient Client { get; private set; } = null!;

    public string DataDirectory => _folder.FullName;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public Task StartAsync() => StartAsync(options => options);

    /// <summary>Starts it, again if it has been stopped.</summary>
    public async Task StartAsync(Func<EmulatorOptions, EmulatorOptions> change)
    {
        Host = await EmulatorHost.StartAsync(change(new EmulatorOptions { DataDirectory = DataDirectory, AnyToken = true, Time = Time }), Ct);
        Client = ClientWith("any");
    }

    /// <param name="token">Null: none.</param>
    public DriveClient ClientWith(string? token)
    {
        var client = new DriveClient(Host.BaseAddress, token);
        _clients.Add(client);
        return client;
    }

    public async ValueTask StopAsync() => await Host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
