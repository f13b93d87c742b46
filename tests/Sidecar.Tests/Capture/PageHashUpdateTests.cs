using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>The table is updated in place. It is what a table written anew would be, or it is not whole.</summary>
public sealed class PageHashUpdateTests(ITestOutputHelper output)
{
    private static readonly WalCursor Log = new(0x1122334455667788, 9, new WalChecksum(0xA1A2A3A4, 0xB1B2B3B4), 77, 12);

    /// <summary>With the largest pages, so that the lock-byte page is one that a test can reach.</summary>
    private static readonly uint LockBytePage = new DatabaseShape(65536, 1).LockBytePage;

    [Fact]
    public void A_random_walk_of_changes_growths_and_shrinks_is_what_a_plain_dictionary_says()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var bench = new CaptureBench();
        var model = new SortedDictionary<uint, PageHash>();
        var count = 0u;
        Write(bench, 4096, model, count);
        var table = PageHashTable.TryOpen(bench.TablePath)!;
        for (var step = 1u; step <= 400u * (uint)ProofSettings.Scale; step++)
        {
            var (changes, after) = Draw(random, count);
            var shape = new DatabaseShape(4096, after);
            var update = table.Prepare(changes, shape);
            Play(model, changes, after);
            Assert.Equal(FingerprintOf(model, shape), update.Fingerprint);
            WalCursor? log = random.Next(2) == 0 ? Log with { Frame = step } : null;
            table.Commit(update, CaptureBench.StateAt(step, log));
            count = after;
            if (random.Next(3) == 0)
            {
                table.Dispose();
                table = PageHashTable.TryOpen(bench.TablePath)!;
                Assert.True(table is not null, $"step {step}");
            }

            Assert.Equal((CaptureBench.StateAt(step, log), shape, FingerprintOf(model, shape)), (table.State, table.Shape, table.Fingerprint));
            Assert.Equal(model.Values.Append(default), ReadAll(table, count + 1));
        }

        table.Dispose();
        var updated = File.ReadAllBytes(bench.TablePath);
        Write(bench, 4096, model, count, table.State);
        Assert.Equal(File.ReadAllBytes(bench.TablePath), updated);
    }

    [Fact]
    public void An_entry_that_a_shrink_cut_off_is_not_seen_by_the_growth_after_it()
    {
        using var bench = new CaptureBench();
        using var table = Create(bench, 4096, 10);
        Commit(table, 3, 2);
        Assert.Equal(default, table.ReadOne(7));
        Commit(table, 10, 3, (4, 7));

        table.Dispose();
        using var reopened = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal(HashOf(7, 3), reopened.ReadOne(7));
        Assert.Equal(default, reopened.ReadOne(11));
    }

    [Fact]
    public void A_growth_whose_new_pages_are_not_all_there_is_refused_and_harms_nothing()
    {
        using var bench = new CaptureBench();
        using var table = Create(bench, 4096, 5);
        foreach (var runs in (List<(uint First, uint Count)[]>)[[], [(7, 2)], [(6, 1)], [(6, 1), (8, 1)], [(1, 2), (7, 2)]])
        {
            Assert.Throws<InvalidOperationException>(() => table.Prepare(Changes(2, runs), new DatabaseShape(4096, 8)));
        }

        Commit(table, 8, 2, (5, 2), (7, 2));
        Assert.Equal(8u, table.Shape.PageCount);
    }

    [Fact]
    public void A_growth_over_the_lock_byte_page_leaves_its_entry_zero()
    {
        using var bench = new CaptureBench();
        using var table = Create(bench, 65536, LockBytePage + 3);
        Commit(table, LockBytePage - 1, 2);
        Commit(table, LockBytePage + 2, 3, (LockBytePage + 1, 2));
        table.Dispose();
        using (var reopened = PageHashTable.TryOpen(bench.TablePath)!)
        {
            Assert.Equal([HashOf(LockBytePage - 1, 1), default, HashOf(LockBytePage + 1, 3)], Read(reopened, LockBytePage - 1, 3));
            Commit(reopened, LockBytePage - 1, 4);
            Commit(reopened, LockBytePage, 5);
        }

        using var last = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal((LockBytePage, default), (last.Shape.PageCount, last.ReadOne(LockBytePage)));
        Assert.Throws<InvalidOperationException>(() => last.Prepare(Changes(6, (LockBytePage, 1)), last.Shape));
    }

    [Fact]
    public void Changes_that_cannot_be_are_refused()
    {
        using var bench = new CaptureBench();
        using var table = Create(bench, 4096, 5);
        Assert.Throws<InvalidOperationException>(() => table.Prepare(Changes(2, (5, 2)), table.Shape));
        Assert.Throws<InvalidOperationException>(() => table.Prepare(new PageHashChanges(), new DatabaseShape(8192, 5)));
        Assert.Throws<InvalidOperationException>(() => Changes(2, (3, 2), (4, 1)));
        Assert.Throws<InvalidOperationException>(() => Changes(2, (0, 1)));

        var stale = table.Prepare(Changes(2, (1, 1)), table.Shape);
        Commit(table, 5, 3, (1, 1));
        Assert.Throws<InvalidOperationException>(() => table.Commit(stale, CaptureBench.StateAt(9)));
    }

    [Fact]
    public void What_is_known_of_the_file_may_change_without_a_page()
    {
        using var bench = new CaptureBench();
        using (var table = Create(bench, 4096, 5))
        {
            table.Commit(CaptureBench.StateAt(1, Log));
        }

        using var reopened = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal(CaptureBench.StateAt(1, Log), reopened.State);
        Assert.Equal(HashOf(3, 1), reopened.ReadOne(3));
    }

    /// <summary>Whatever write is the last one, and however much of it was done: the old table whole, the new one whole, or torn with a header that says whose it was.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(5)]
    public void A_kill_at_any_write_leaves_the_old_table_the_new_one_or_none(uint after)
    {
        using var bench = new CaptureBench();
        (uint First, uint Count)[] runs = after > 8 ? [(2, 1), (4, 2), (9, after - 8)] : [(2, 1), (4, 2)];
        Create(bench, 4096, 8).Dispose();
        var before = File.ReadAllBytes(bench.TablePath);
        var (old, torn, whole) = (0, 0, 0);
        for (var writes = 0; whole == 0; writes++)
        {
            for (var bytes = 0; bytes <= PageHashTableHeader.Size; bytes += 8)
            {
                File.WriteAllBytes(bench.TablePath, before);
                var isKilled = !TryUpdate(bench, writes, bytes, runs, after);
                using var table = PageHashTable.TryOpen(bench.TablePath);
                if (table is null)
                {
                    torn++;
                    var header = PageHashTable.TryReadHeader(bench.TablePath);
                    Assert.True(header is null || header.State.Position.Transaction.Value == 1, $"{writes} writes and {bytes} bytes");
                    continue;
                }

                var isNew = table.State.Position.Transaction.Value == 2;
                Assert.True(isNew || isKilled);
                Assert.Equal(isNew ? after : 8, table.Shape.PageCount);
                (old, whole) = isNew ? (old, whole + 1) : (old + 1, whole);
            }
        }

        Assert.True(old > 0 && torn > 0, $"{old} old, {torn} torn, {whole} new");
    }

    [Fact]
    public void After_a_write_that_failed_the_table_takes_no_other()
    {
        using var bench = new CaptureBench();
        Create(bench, 4096, 8).Dispose();
        using var table = PageHashTable.TryOpen(new CutStateFile(bench.TablePath, writes: 1, bytesOfLast: 0))!;
        var update = table.Prepare(Changes(2, (2, 1), (4, 2)), table.Shape);
        Assert.Throws<LocalStateException>(() => table.Commit(update, CaptureBench.StateAt(2)));
        Assert.Throws<InvalidOperationException>(() => table.Commit(update, CaptureBench.StateAt(2)));
        Assert.Throws<InvalidOperationException>(() => table.Commit(CaptureBench.StateAt(2)));
    }

    [Fact]
    public void A_full_disk_is_a_clear_error_and_the_old_header_stays()
    {
        using var volume = new ScratchVolume();
        using var disk = SizeLimitedMount.TryCreate(volume.Elsewhere("state"), 64 << 10);
        Assert.SkipWhen(disk is null, "This process may not mount a file system of limited size.");
        var path = Path.Combine(disk.Directory, "pages.hashes");
        WriteTo(path, 512, Model(10), 10);
        using (var table = PageHashTable.TryOpen(path)!)
        {
            var update = table.Prepare(Changes(2, (11, 9990)), new DatabaseShape(512, 10_000));
            var e = Assert.Throws<LocalStateException>(() => table.Commit(update, CaptureBench.StateAt(2)));
            Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
        }

        Assert.Null(PageHashTable.TryOpen(path));
        Assert.Equal(CaptureBench.StateAt(1), PageHashTable.TryReadHeader(path)?.State);
    }

    [Fact]
    public void A_large_update_takes_memory_for_what_changed_and_no_more()
    {
        using var bench = new CaptureBench();
        using var table = Create(bench, 512, 200_000);
        var changes = Changes(2, (100, 3), (150_000, 2));
        table.Commit(table.Prepare(changes, table.Shape), CaptureBench.StateAt(2));
        var before = GC.GetAllocatedBytesForCurrentThread();
        table.Commit(table.Prepare(changes, table.Shape), CaptureBench.StateAt(3));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    private static bool TryUpdate(CaptureBench bench, int writes, int bytes, (uint First, uint Count)[] runs, uint after)
    {
        using var table = PageHashTable.TryOpen(new CutStateFile(bench.TablePath, writes, bytes))!;
        try
        {
            table.Commit(table.Prepare(Changes(2, runs), new DatabaseShape(4096, after)), CaptureBench.StateAt(2));
            return true;
        }
        catch (LocalStateException)
        {
            return false;
        }
    }

    /// <summary>Some runs among the pages that stay, and every page that a growth adds.</summary>
    private static (PageHashChanges Changes, uint After) Draw(Random random, uint before)
    {
        var after = random.Next(4) switch
        {
            0 => (uint)random.Next(0, 300),
            1 => before + (uint)random.Next(0, 20),
            2 => before - Math.Min(before, (uint)random.Next(0, 20)),
            _ => before,
        };
        var changes = new PageHashChanges();
        for (uint page = 1; page <= after; page++)
        {
            if (page > before || random.Next(10) == 0)
            {
                changes.Add(page, [new PageHash(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()))]);
            }
        }

        return (changes, after);
    }

    private static void Play(SortedDictionary<uint, PageHash> model, PageHashChanges changes, uint after)
    {
        foreach (var gone in model.Keys.Where(page => page > after).ToList())
        {
            model.Remove(gone);
        }

        var at = 0;
        foreach (var run in changes.Runs)
        {
            for (uint i = 0; i < run.Count; i++)
            {
                model[run.First + i] = changes.Hashes[at++];
            }
        }
    }

    private static PageHashTable Create(CaptureBench bench, int pageSizeBytes, uint count)
    {
        Write(bench, pageSizeBytes, Model(count, new DatabaseShape(pageSizeBytes, count).LockBytePage), count);
        return PageHashTable.TryOpen(bench.TablePath)!;
    }

    private static SortedDictionary<uint, PageHash> Model(uint count, uint lockBytePage = 0)
    {
        var model = new SortedDictionary<uint, PageHash>();
        for (uint page = 1; page <= count; page++)
        {
            model.Add(page, page == lockBytePage ? default : HashOf(page, 1));
        }

        return model;
    }

    private static void Write(CaptureBench bench, int pageSizeBytes, SortedDictionary<uint, PageHash> model, uint count, CaptureState? state = null) =>
        WriteTo(bench.TablePath, pageSizeBytes, model, count, state);

    private static void WriteTo(string path, int pageSizeBytes, SortedDictionary<uint, PageHash> model, uint count, CaptureState? state = null)
    {
        var shape = new DatabaseShape(pageSizeBytes, count);
        using var builder = PageHashTableBuilder.Create(path);
        builder.Write(1, model.Values.ToArray());
        builder.Commit(state ?? CaptureBench.StateAt(1), shape, FingerprintOf(model, shape));
    }

    private static Fingerprint FingerprintOf(SortedDictionary<uint, PageHash> model, DatabaseShape shape) =>
        Fingerprint.Of(shape, model.Values.Aggregate(UInt128.Zero, (sum, hash) => unchecked(sum + hash.Value)));

    private static void Commit(PageHashTable table, uint after, byte generation, params (uint First, uint Count)[] runs)
    {
        var update = table.Prepare(Changes(generation, runs), table.Shape with { PageCount = after });
        table.Commit(update, CaptureBench.StateAt(generation));
    }

    private static PageHashChanges Changes(byte generation, params (uint First, uint Count)[] runs)
    {
        var changes = new PageHashChanges();
        foreach (var (first, count) in runs)
        {
            changes.Add(first, Enumerable.Range(0, (int)count).Select(i => HashOf(first + (uint)i, generation)).ToArray());
        }

        return changes;
    }

    private static PageHash HashOf(uint page, byte generation) => PageHash.Of(page, [generation, 2, 3]);

    private static PageHash[] ReadAll(PageHashTable table, uint count) => Read(table, 1, (int)count);

    private static PageHash[] Read(PageHashTable table, uint first, int count)
    {
        var hashes = new PageHash[count];
        table.Read(first, hashes);
        return hashes;
    }
}
