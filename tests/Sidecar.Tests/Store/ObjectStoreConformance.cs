using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using Xunit;

namespace BackupSidecar.Tests.Store;

/// <summary>What <see cref="IObjectStore"/> promises, for every store: a store adds a subclass and no test.</summary>
public abstract class ObjectStoreConformance : ObjectPublishingConformance
{
    [Fact]
    public async Task Opening_what_does_not_exist_says_so()
    {
        var store = Open();
        await PutAsync(store, Name, [1]);

        foreach (var missing in (string[])["packs/b.pack", "packs", "other/a.pack", "packs/a.pack/deeper"])
        {
            var e = await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(ObjectName.Parse(missing), Ct));
            Assert.Contains(missing, e.Message, StringComparison.Ordinal);
            Assert.Contains(store.Location, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deleting_is_idempotent()
    {
        var store = Open();
        await PutAsync(store, Name, [1]);
        await PutAsync(store, ObjectName.Parse("packs/b.pack"), [2]);

        await store.DeleteAsync(Name, Ct);
        await store.DeleteAsync(Name, Ct);
        await store.DeleteAsync(ObjectName.Parse("never/was"), Ct);
        await store.DeleteAsync(ObjectName.Parse("packs"), Ct);

        Assert.Equal(["packs/b.pack"], await NamesAsync(store, ""));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(Name, Ct));
        await PutAsync(store, Name, [3]);
        Assert.Equal([3], await ReadAsync(store, Name));
    }

    [Fact]
    public async Task Many_objects_are_deleted_at_once_whether_or_not_they_are_there()
    {
        var store = Open();
        ObjectName[] names = [Name, ObjectName.Parse("other/b.pack"), ObjectName.Parse("packs/c.pack")];
        foreach (var name in names)
        {
            await PutAsync(store, name, [1]);
        }

        await store.DeleteAllAsync([], Ct);
        await store.DeleteAllAsync([names[1], ObjectName.Parse("never/was"), names[0], names[0]], Ct);
        await store.DeleteAllAsync([names[1]], Ct);

        Assert.Equal(["packs/c.pack"], await NamesAsync(store, ""));
    }

    [Fact]
    public async Task A_listing_is_in_ordinal_order_of_whole_names()
    {
        var store = Open();
        string[] names = ["a/b/c", "a-b", "a.b", "a0", "A/x", "b", "a/b-c", "a/b.c", "a/B", "0", "a/b0/z", "Z", "a_/x", "a--/x"];
        foreach (var name in names)
        {
            await PutAsync(store, ObjectName.Parse(name), [1]);
        }

        var listed = await NamesAsync(store, "");

        Assert.Equal(names.Order(StringComparer.Ordinal), listed);
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("p", 5)]
    [InlineData("packs/", 3)]
    [InlineData("packs/1", 2)]
    [InlineData("packs/1/", 1)]
    [InlineData("packs/12", 1)]
    [InlineData("pack", 5)]
    [InlineData("packs/1/a", 1)]
    [InlineData("packs/1/a/", 0)]
    [InlineData("none/", 0)]
    [InlineData("none/at/all", 0)]
    public async Task A_prefix_is_one_of_characters_and_not_of_directories(string prefix, int count)
    {
        var store = Open();
        foreach (var name in (string[])["packs/1/a", "packs/12/a", "packs/2", "packs-b", "packsa/b/c", "other"])
        {
            await PutAsync(store, ObjectName.Parse(name), [1]);
        }

        var listed = await NamesAsync(store, prefix);

        Assert.Equal(count, listed.Count);
        Assert.All(listed, name => Assert.StartsWith(prefix, name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listing_gives_lengths()
    {
        var store = Open();
        await PutAsync(store, ObjectName.Parse("one"), new byte[1]);
        await PutAsync(store, ObjectName.Parse("some/thousand"), new byte[1000]);

        Assert.Equal(
            [new ObjectListing(ObjectName.Parse("one"), 1), new ObjectListing(ObjectName.Parse("some/thousand"), 1000)],
            await ListAsync(store, ""));
    }

    [Fact]
    public async Task The_longest_and_oddest_names_work()
    {
        var store = Open();
        var segment = new string('x', ObjectName.SegmentLengthMax);
        string[] names =
        [
            $"{segment}/{segment}/{new string('y', ObjectName.LengthMax - (2 * ObjectName.SegmentLengthMax) - 2)}",
            string.Join('/', Enumerable.Repeat("d", ObjectName.LengthMax / 2)),
            "_", "0.", "a..b/c", "A/lock", "lock", "staging/x",
        ];
        foreach (var name in names)
        {
            await PutAsync(store, ObjectName.Parse(name), [7]);
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), await NamesAsync(store, ""));
        foreach (var name in names)
        {
            Assert.Equal([7], await ReadAsync(store, ObjectName.Parse(name)));
        }
    }

    [Fact]
    public async Task A_large_object_survives_odd_pieces()
    {
        var store = Open();
        var bytes = RandomNumberGenerator.GetBytes((20 << 20) + 17);
        await using (var staged = await store.StageAsync(Name, Ct))
        {
            var piece = 1;
            for (var offset = 0; offset < bytes.Length; offset += piece, piece = (piece * 3) + 1)
            {
                piece = Math.Min(piece, bytes.Length - offset);
                await staged.Content.WriteAsync(bytes.AsMemory(offset, piece), Ct);
            }

            await staged.PublishAsync(Ct);
        }

        var read = await ReadAsync(store, Name);
        Assert.True(bytes.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task Ranges_are_read_in_parallel()
    {
        var store = Open();
        var bytes = RandomNumberGenerator.GetBytes(1 << 20);
        await PutAsync(store, Name, bytes);
        await using var stored = await store.OpenAsync(Name, Ct);
        const int seed = 4711;
        var random = new Random(seed);
        var ranges = Enumerable.Range(0, 200).Select(_ => random.Next(bytes.Length)).Select(start => (start, length: random.Next(bytes.Length - start))).ToList();

        await Parallel.ForEachAsync(ranges, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (range, ct) =>
        {
            var buffer = new byte[range.length];
            await stored.ReadAsync(range.start, buffer, ct);
            Assert.True(bytes.AsSpan(range.start, range.length).SequenceEqual(buffer), $"seed {seed}, range {range}");
        });
    }

    [Fact]
    public async Task Reading_past_the_end_is_an_error_and_not_a_short_answer()
    {
        var store = Open();
        await PutAsync(store, Name, new byte[10]);
        await using var stored = await store.OpenAsync(Name, Ct);

        await stored.ReadAsync(10, Memory<byte>.Empty, Ct);
        var e = await Assert.ThrowsAsync<StoreException>(async () => await stored.ReadAsync(5, new byte[6], Ct));

        Assert.Contains(Name.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
    }

    [Fact]
    public async Task A_second_writer_is_refused_and_told_who_holds_the_lock()
    {
        var first = Open();
        var second = Open();
        var held = await first.LockForWritingAsync("host-a, process 12, backup", Ct);

        var e = await Assert.ThrowsAsync<StoreLockedException>(async () => await second.LockForWritingAsync("host-b", Ct));
        await Assert.ThrowsAsync<StoreLockedException>(async () => await first.LockForWritingAsync("host-a again", Ct));
        await held.DisposeAsync();
        await held.DisposeAsync();
        await using var next = await second.LockForWritingAsync("host-b", Ct);

        Assert.Contains("host-a, process 12, backup", e.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Locked, e.Kind);
    }

    [Fact]
    public async Task The_lock_shows_in_no_listing_and_hinders_no_reader()
    {
        var store = Open();
        await using var held = await store.LockForWritingAsync("writer", Ct);
        await PutAsync(store, Name, [1]);

        Assert.Equal([Name.ToString()], await NamesAsync(Open(), ""));
        Assert.Equal([1], await ReadAsync(Open(), Name));
        Assert.Null(await store.FindForeignAsync(Ct));
    }

    [Fact]
    public async Task Taking_the_lock_harms_no_object_that_is_being_written()
    {
        await using var staged = await Open().StageAsync(Name, Ct);
        await staged.Content.WriteAsync(new byte[] { 1, 2 }, Ct);

        await using var held = await Open().LockForWritingAsync("another", Ct);
        await staged.PublishAsync(Ct);

        Assert.Equal([1, 2], await ReadAsync(Open(), Name));
    }

    [Fact]
    public async Task A_store_says_where_it_is()
    {
        await Task.CompletedTask;
        Assert.NotEmpty(Open().Location);
    }
}
