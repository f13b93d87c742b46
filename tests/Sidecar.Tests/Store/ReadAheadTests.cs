using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Store;

/// <summary>Objects far away are read in few requests, and what is read is what they hold.</summary>
public sealed class ReadAheadTests(ITestOutputHelper output)
{
    private const int Block = 170_000;

    private readonly ReadAheadRoom _room = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_small_object_takes_one_request_and_no_read_asks_again()
    {
        var far = new FarObject(100_000);
        await using var near = new ReadAheadObject(far, _room);

        await ShouldReadAsync(far, near, 99_000, 1_000);
        await ShouldReadAsync(far, near, 0, 224);
        await ShouldReadAsync(far, near, 500, 60_000);

        Assert.Equal((0, 100_000), Assert.Single(far.Reads));
    }

    [Fact]
    public async Task Blocks_in_order_are_read_in_pieces_and_no_byte_much_more_than_once()
    {
        var far = new FarObject(40_000_000);
        await using (var near = new ReadAheadObject(far, _room))
        {
            for (var offset = 0; offset + Block <= far.Length; offset += Block)
            {
                await ShouldReadAsync(far, near, offset, Block);
            }
        }

        Assert.InRange(far.Reads.Count, 10, 14);
        Assert.InRange(far.Reads.Sum(read => (long)read.Length), far.Length, far.Length * 1.05);
        Assert.NotNull(_room.TryTake());
    }

    [Fact]
    public async Task Reads_here_and_there_and_large_ones_pass_untouched()
    {
        var far = new FarObject(40_000_000);
        await using var near = new ReadAheadObject(far, _room);
        (int, int)[] reads = [(0, 224), (36_000_000, 1 << 20), (20_000_000, 4_000), (22_000_000, 4_000), (23_900_000, 4_000), (1 << 20, 1 << 20), (2 << 20, 1 << 20)];

        foreach (var (offset, length) in reads)
        {
            await ShouldReadAsync(far, near, offset, length);
        }

        Assert.Equal(reads, far.Reads);
    }

    [Fact]
    public async Task The_end_of_a_large_object_takes_one_request_as_the_trailer_and_the_index_of_a_pack_lie_there()
    {
        var far = new FarObject(2_000_000);
        await using var near = new ReadAheadObject(far, _room);

        await ShouldReadAsync(far, near, 1_999_800, 200);
        await ShouldReadAsync(far, near, 1_980_000, 19_800);

        Assert.Equal((2_000_000 - (64 << 10), 64 << 10), Assert.Single(far.Reads));
    }

    [Fact]
    public async Task What_cannot_be_fetched_fails_as_without_it_and_is_had_again_when_it_can()
    {
        var far = new FarObject(20_000_000);
        await using var near = new ReadAheadObject(far, _room);
        far.IsAway = true;
        for (var i = 0; i < 4; i++)
        {
            var offset = i * Block;
            await Assert.ThrowsAsync<StoreException>(async () => await near.ReadAsync(offset, new byte[Block], Ct));
        }

        far.IsAway = false;
        for (var i = 0; i < 100; i++)
        {
            await ShouldReadAsync(far, near, i * Block, Block);
        }
    }

    [Fact]
    public async Task Many_readers_of_many_objects_get_what_is_there_however_they_go_about_it()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        FarObject[] all = [new(30_000_000), new(12_345_678), new(200_000), new(5_000_000), new(30_000_000)];
        await Task.WhenAll(all.Select(async (far, number) =>
        {
            await using var near = new ReadAheadObject(far, _room);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(
                async () =>
                {
                    var random = new Random(seed + (number * 10) + worker);
                    var at = 0;
                    for (var i = 0; i < 150; i++)
                    {
                        var length = (int)Math.Min(random.Next(1, 600_000), far.Length);
                        at = random.Next(8) == 0 || at + length > far.Length ? (int)random.NextInt64(far.Length - length + 1) : at;
                        await ShouldReadAsync(far, near, at, length);
                        at += length;
                    }
                },
                Ct)));
        }));
        for (var free = 0; free < 8; free++)
        {
            Assert.NotNull(_room.TryTake());
        }
    }

    private static async Task ShouldReadAsync(FarObject far, ReadAheadObject near, int offset, int length)
    {
        var read = new byte[length];
        await near.ReadAsync(offset, read, Ct);
        Assert.True(far.Content.AsSpan(offset, length).SequenceEqual(read), $"{length} bytes from {offset} on");
    }

    /// <summary>Remembers what it was asked for, and answers late enough that others ask meanwhile.</summary>
    private sealed class FarObject(int length) : IStoredObject
    {
        private readonly Lock _gate = new();

        public byte[] Content { get; } = RandomNumberGenerator.GetBytes(length);

        public List<(int Offset, int Length)> Reads { get; } = [];

        public bool IsAway { get; set; }

        public long Length => length;

        public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken ct)
        {
            lock (_gate)
            {
                Reads.Add(((int)offset, destination.Length));
            }

            await Task.Yield();
            if (IsAway)
            {
                throw new StoreException(FailureKind.Failed, "It is away.", "Wait.");
            }

            Content.AsMemory((int)offset, destination.Length).CopyTo(destination);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
