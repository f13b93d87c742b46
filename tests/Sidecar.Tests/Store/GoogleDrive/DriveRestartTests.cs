using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>A process that starts after a kill knows what the one before it put and deleted, while listings do not show it yet.</summary>
public sealed class DriveRestartTests : IAsyncLifetime
{
    private const string Nothing = """{"files":[]}""";

    private static readonly ObjectName Name = ObjectName.Parse("packs/app/0123456789abcdef0123456789abcdef.pack");
    private static readonly ObjectName Other = ObjectName.Parse("packs/app/fedcba9876543210fedcba9876543210.pack");

    private DriveScene _scene = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_listing_that_lags_hides_nothing_that_the_process_before_put()
    {
        await (await StartAsync(async store =>
        {
            await PutAsync(store, Name);
            await PutAsync(store, Other);
            await store.DeleteAsync(Other, Ct);
        })).DisposeAsync();
        _scene.Wire.ChangeText(WireScript.IsList, _ => Nothing, times: 100);

        await using var running = await StartAsync(async store =>
        {
            Assert.Equal([Name.ToString()], await NamesAsync(store));
            await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(store, Name));
        });

        Assert.Single(await _scene.FilesAsync());
    }

    [Fact]
    public async Task A_listing_that_lags_brings_nothing_back_that_the_process_before_deleted()
    {
        var before = "";
        await (await StartAsync(async store =>
        {
            await PutAsync(store, Name);
            await PutAsync(store, Other);
            _scene.Wire.ChangeText(WireScript.IsList, text => before = text);
            _ = await NamesAsync(store);
            await store.DeleteAllAsync([Name, Other], Ct);
        })).DisposeAsync();
        _scene.Wire.ChangeText(WireScript.IsList, _ => before, times: 100);

        await using var running = await StartAsync(async store => Assert.Empty(await NamesAsync(store)));

        Assert.Contains(Name.ToString(), before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_put_that_came_through_unnoticed_is_listed_by_the_next_process_and_can_be_put_again()
    {
        _scene.Wire.LoseAnswer(request => request.Method == HttpMethod.Post, times: 1);
        _scene.Wire.Cut(request => request.Method == HttpMethod.Post, times: 1000);
        await (await StartAsync(async store => await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(store, Name)))).DisposeAsync();
        _scene.Wire.Clear();
        _scene.Wire.ChangeText(WireScript.IsList, _ => Nothing, times: 100);

        await using var running = await StartAsync(async store =>
        {
            Assert.Equal([Name.ToString()], await NamesAsync(store));
            await PutAsync(store, Name);
        });

        Assert.Single(await _scene.FilesAsync());
    }

    [Fact]
    public async Task What_somebody_else_deleted_since_is_gone_and_a_torn_line_says_nothing()
    {
        await (await StartAsync(async store =>
        {
            await PutAsync(store, Name);
            await PutAsync(store, Other);
        })).DisposeAsync();
        await _scene.Open("elsewhere").DeleteAsync(Name, Ct);
        await File.AppendAllTextAsync(Path.Join(_scene.StateOf("state"), "recent"), "6390000", Ct);

        await using var running = await StartAsync(async store => Assert.Equal([Other.ToString()], await NamesAsync(store)));
    }

    /// <summary>As a process that takes the lock and works; disposing what it returns ends it.</summary>
    private async Task<IAsyncDisposable> StartAsync(Func<DriveStore, Task> work)
    {
        var store = _scene.Open(change: options => options with { Retry = options.Retry with { RetriesMax = 1 } });
        var held = await store.LockForWritingAsync("a test", Ct);
        await work(store);
        return held;
    }

    private static async Task PutAsync(DriveStore store, ObjectName name) => await store.PutAsync(name, new ContentAtHand(Encoding.UTF8.GetBytes("x")), Ct);

    private static async Task<List<string>> NamesAsync(DriveStore store)
    {
        var names = new List<string>();
        await foreach (var listing in store.ListAsync("", Ct))
        {
            names.Add(listing.Name.ToString());
        }

        return names;
    }
}
