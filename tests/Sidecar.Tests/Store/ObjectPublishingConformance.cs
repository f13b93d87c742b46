using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store;

/// <summary>The part of <see cref="ObjectStoreConformance"/> that puts objects: whole or not at all, and never over another.</summary>
public abstract class ObjectPublishingConformance
{
    private protected static readonly ObjectName Name = ObjectName.Parse("packs/a.pack");

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A store on the place of this test; a second call gives a second store on the same place.</summary>
    private protected abstract IObjectStore Open();

    [Fact]
    public async Task A_published_object_reads_back_whole_from_another_store()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);

        await PutAsync(Open(), Name, bytes);

        Assert.Equal(bytes, await ReadAsync(Open(), Name));
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        var store = Open();

        await PutAsync(store, Name, []);

        Assert.Empty(await ReadAsync(store, Name));
        Assert.Equal([new ObjectListing(Name, 0)], await ListAsync(store, ""));
    }

    [Fact]
    public async Task Nothing_is_visible_before_it_is_published()
    {
        var store = Open();
        await using var staged = await store.StageAsync(Name, Ct);
        await staged.Content.WriteAsync(new byte[1000], Ct);

        Assert.Empty(await ListAsync(store, ""));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(Name, Ct));
        Assert.Null(await store.FindForeignAsync(Ct));
    }

    [Fact]
    public async Task A_staged_object_that_is_disposed_leaves_nothing()
    {
        var store = Open();
        var staged = await store.StageAsync(Name, Ct);
        await staged.Content.WriteAsync(new byte[1000], Ct);

        await staged.DisposeAsync();
        await staged.DisposeAsync();

        Assert.Empty(await ListAsync(store, ""));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await staged.PublishAsync(Ct));
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_its_object_stays_as_it_was()
    {
        var store = Open();
        byte[] first = [1, 2, 3];
        await PutAsync(store, Name, first);

        await Assert.ThrowsAsync<ObjectExistsException>(async () => await PutAsync(Open(), Name, [4, 5, 6, 7]));

        Assert.Equal(first, await ReadAsync(store, Name));
        Assert.Equal([new ObjectListing(Name, 3)], await ListAsync(store, ""));
    }

    [Fact]
    public async Task Of_many_publishers_of_one_name_exactly_one_wins()
    {
        var store = Open();
        const int publishers = 16;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, publishers).Select(i => Task.Run(
            async () =>
            {
                try
                {
                    await PutAsync(store, Name, [(byte)i]);
                    return i;
                }
                catch (ObjectExistsException)
                {
                    return -1;
                }
            },
            Ct)));

        var winner = Assert.Single(outcomes, i => i >= 0);
        Assert.Equal([(byte)winner], await ReadAsync(store, Name));
    }

    [Fact]
    public async Task An_object_is_published_once()
    {
        var store = Open();
        await using var staged = await store.StageAsync(Name, Ct);
        await staged.PublishAsync(Ct);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await staged.PublishAsync(Ct));
    }

    [Fact]
    public async Task Publishing_stops_when_it_was_cancelled_before()
    {
        var store = Open();
        await using var staged = await store.StageAsync(Name, Ct);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await staged.PublishAsync(new CancellationToken(canceled: true)));

        Assert.Empty(await ListAsync(store, ""));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((5 << 20) + 3)]
    public async Task Content_at_hand_is_put_whole(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);

        await Open().PutAsync(Name, new ContentAtHand(bytes), Ct);

        var read = await ReadAsync(Open(), Name);
        Assert.True(bytes.AsSpan().SequenceEqual(read));
        Assert.Equal([new ObjectListing(Name, length)], await ListAsync(Open(), ""));
    }

    [Fact]
    public async Task A_put_under_a_taken_name_is_refused_and_its_object_stays_as_it_was()
    {
        var store = Open();
        await store.PutAsync(Name, new ContentAtHand([1, 2, 3]), Ct);

        await Assert.ThrowsAsync<ObjectExistsException>(async () => await store.PutAsync(Name, new ContentAtHand([4, 5]), Ct));
        await Assert.ThrowsAsync<ObjectExistsException>(async () => await Open().PutAsync(Name, new ContentAtHand([1, 2, 3]), Ct));

        Assert.Equal([1, 2, 3], await ReadAsync(store, Name));
        Assert.Equal([new ObjectListing(Name, 3)], await ListAsync(store, ""));
    }

    [Fact]
    public async Task A_put_whose_content_fails_leaves_nothing()
    {
        var store = Open();

        await Assert.ThrowsAsync<StoreException>(async () => await store.PutAsync(Name, new ContentAtHand(new byte[3 << 20]) { FailsFrom = 2 << 20 }, Ct));

        Assert.Empty(await ListAsync(Open(), ""));
        await store.PutAsync(Name, new ContentAtHand([1]), Ct);
        Assert.Equal([1], await ReadAsync(Open(), Name));
    }

    [Fact]
    public async Task A_put_stops_when_it_was_cancelled_before()
    {
        var store = Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(Name, new ContentAtHand([1]), new CancellationToken(canceled: true)));

        Assert.Empty(await ListAsync(store, ""));
    }

    private protected static async Task PutAsync(IObjectStore store, ObjectName name, byte[] bytes)
    {
        await using var staged = await store.StageAsync(name, Ct);
        await staged.Content.WriteAsync(bytes, Ct);
        await staged.PublishAsync(Ct);
    }

    private protected static async Task<byte[]> ReadAsync(IObjectStore store, ObjectName name)
    {
        await using var stored = await store.OpenAsync(name, Ct);
        var bytes = new byte[stored.Length];
        await stored.ReadAsync(0, bytes, Ct);
        return bytes;
    }

    private protected static async Task<List<ObjectListing>> ListAsync(IObjectStore store, string prefix) =>
        await store.ListAsync(prefix, Ct).ToListAsync(Ct);

    private protected static async Task<List<string>> NamesAsync(IObjectStore store, string prefix) =>
        [.. (await ListAsync(store, prefix)).Select(listing => listing.Name.ToString())];
}
