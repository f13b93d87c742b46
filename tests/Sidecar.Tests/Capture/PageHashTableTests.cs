using System.IO.Hashing;
using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>A table is whole, or it is not there.</summary>
public sealed class PageHashTableTests
{
    private static readonly byte[] Flips = [0x01, 0x80, 0xff];

    private static readonly PageHash[] Hashes = [.. Enumerable.Range(1, 5).Select(page => PageHash.Of((uint)page, [1, 2, 3]))];

    [Fact]
    public void What_was_written_in_any_order_reads_back()
    {
        using var bench = new CaptureBench();
        using (var builder = PageHashTableBuilder.Create(bench.TablePath))
        {
            builder.Write(4, Hashes.AsSpan(3, 2));
            builder.Write(1, Hashes.AsSpan(0, 3));
            Commit(builder, Hashes);
        }

        using var table = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal((CaptureBench.StateAt(1), ShapeOf(Hashes), FingerprintOf(Hashes)), (table.State, table.Shape, table.Fingerprint));
        Assert.Equal(Hashes, Read(table, 1, 5));
        Assert.Equal(Hashes[1..4], Read(table, 2, 3));
    }

    [Fact]
    public void Pages_past_the_end_have_the_hash_that_no_page_has()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);

        using var table = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal([Hashes[4], default, default], Read(table, 5, 3));
        Assert.Equal([default, default], Read(table, 6, 2));
        Assert.Equal([default], Read(table, uint.MaxValue, 1));
    }

    [Fact]
    public void A_table_of_no_page_is_a_table()
    {
        using var bench = new CaptureBench();
        Write(bench, []);

        using var table = PageHashTable.TryOpen(bench.TablePath);
        Assert.Equal(0u, table?.Header.Shape.PageCount);
    }

    [Fact]
    public void Where_there_is_none_none_is_opened()
    {
        using var bench = new CaptureBench();
        Assert.Null(PageHashTable.TryOpen(bench.TablePath));
        Assert.Null(PageHashTable.TryOpen(Path.Join(bench.TablePath, "not", "there")));
    }

    [Fact]
    public void With_any_byte_flipped_it_is_not_opened()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        var bytes = File.ReadAllBytes(bench.TablePath);
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var flip in Flips)
            {
                bytes[at] ^= flip;
                AssertNotOpened(bench, bytes, $"byte {at} flipped by {flip:x2}");
                bytes[at] ^= flip;
            }
        }
    }

    /// <summary>The plain sum, which makes the fingerprint, does not see this.</summary>
    [Fact]
    public void With_two_hashes_that_changed_places_it_is_not_opened()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        var bytes = File.ReadAllBytes(bench.TablePath);
        for (var one = 0; one < Hashes.Length; one++)
        {
            for (var other = one + 1; other < Hashes.Length; other++)
            {
                var swapped = (byte[])bytes.Clone();
                EntryOf(bytes, one).CopyTo(EntryOf(swapped, other));
                EntryOf(bytes, other).CopyTo(EntryOf(swapped, one));
                AssertNotOpened(bench, swapped, $"entries {one} and {other}");
            }
        }
    }

    [Fact]
    public void A_table_of_the_first_version_is_not_opened()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        var bytes = File.ReadAllBytes(bench.TablePath);
        bytes[8] = 1;
        Seal(bytes);
        AssertNotOpened(bench, bytes, "version 1");
        Assert.Null(PageHashTable.TryReadHeader(bench.TablePath));
    }

    [Fact]
    public void With_any_other_length_it_is_not_opened()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        var bytes = File.ReadAllBytes(bench.TablePath);
        for (var length = 0; length < bytes.Length; length++)
        {
            AssertNotOpened(bench, bytes[..length], $"{length} bytes");
        }

        AssertNotOpened(bench, [.. bytes, 0], "a byte more");
        AssertNotOpened(bench, [.. bytes, .. new byte[PageHash.Size]], "a page more");
    }

    /// <summary>As after a power loss that lost one of two writes.</summary>
    [Fact]
    public void With_a_hash_that_was_not_written_it_is_not_opened()
    {
        using var bench = new CaptureBench();
        using (var builder = PageHashTableBuilder.Create(bench.TablePath))
        {
            builder.Write(1, Hashes.AsSpan(0, 3));
            Commit(builder, Hashes);
        }

        Assert.Null(PageHashTable.TryOpen(bench.TablePath));
    }

    [Fact]
    public void A_builder_that_ends_early_leaves_the_old_table_and_nothing_of_its_own()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        using (var builder = PageHashTableBuilder.Create(bench.TablePath))
        {
            builder.Write(1, Hashes.AsSpan(3, 2));
            using var old = PageHashTable.TryOpen(bench.TablePath)!;
            Assert.Equal(Hashes, Read(old, 1, 5));
        }

        using var table = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal(Hashes, Read(table, 1, 5));
        Assert.False(File.Exists(bench.BuilderPath));
    }

    [Fact]
    public void What_a_killed_builder_left_is_written_over()
    {
        using var bench = new CaptureBench();
        File.WriteAllBytes(bench.BuilderPath, new byte[100_000]);
        Write(bench, Hashes);

        using var table = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal(Hashes, Read(table, 1, 5));
        Assert.False(File.Exists(bench.BuilderPath));
    }

    [Fact]
    public void An_open_table_stays_readable_while_the_next_takes_its_place()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        using var old = PageHashTable.TryOpen(bench.TablePath)!;
        Write(bench, Hashes[..2]);

        Assert.Equal(Hashes, Read(old, 1, 5));
        using var table = PageHashTable.TryOpen(bench.TablePath)!;
        Assert.Equal(Hashes[..2], Read(table, 1, 2));
    }

    [Fact]
    public void Random_bytes_are_no_header() =>
        Gen.Byte.Array[0, 400].Sample(bytes => Assert.Null(PageHashTableHeader.TryParse(bytes)), iter: 2_000);

    /// <summary>Its digest fits whatever it says: a table that claims any number of pages costs no memory and is not opened.</summary>
    [Fact]
    public void Whatever_a_header_with_a_fitting_digest_says_no_memory_is_taken_on_its_word()
    {
        using var bench = new CaptureBench();
        Write(bench, Hashes);
        var good = File.ReadAllBytes(bench.TablePath);
        Gen.Select(Gen.Int[12, 167], Gen.OneOf(Gen.Byte, Gen.Const((byte)0xff))).Array[1, 6].Sample(
            edits =>
            {
                var bytes = (byte[])good.Clone();
                foreach (var (at, value) in edits)
                {
                    bytes[at] = value;
                }

                Seal(bytes);
                File.WriteAllBytes(bench.TablePath, bytes);
                var before = GC.GetAllocatedBytesForCurrentThread();
                using var table = PageHashTable.TryOpen(bench.TablePath);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
                Assert.True(table is null || table.Shape.PageCount == 5);
            },
            iter: 500,
            threads: 1);
    }

    private static DatabaseShape ShapeOf(PageHash[] hashes) => new(4096, (uint)hashes.Length);

    private static Fingerprint FingerprintOf(PageHash[] hashes) =>
        Fingerprint.Of(ShapeOf(hashes), hashes.Aggregate(UInt128.Zero, (sum, hash) => unchecked(sum + hash.Value)));

    private static void Commit(PageHashTableBuilder builder, PageHash[] hashes) =>
        builder.Commit(CaptureBench.StateAt(1), ShapeOf(hashes), FingerprintOf(hashes));

    /// <summary>Makes the digest fit whatever the header says.</summary>
    private static void Seal(byte[] table)
    {
        var digest = table.AsSpan(PageHashTableHeader.Size - 16, 16);
        XxHash128.Hash(table.AsSpan(0, PageHashTableHeader.Size - 16)).AsSpan().CopyTo(digest);
        digest.Reverse();
    }

    private static Span<byte> EntryOf(byte[] table, int index) => table.AsSpan(PageHashTableHeader.Size + (index * PageHash.Size), PageHash.Size);

    private static void Write(CaptureBench bench, PageHash[] hashes)
    {
        using var builder = PageHashTableBuilder.Create(bench.TablePath);
        builder.Write(1, hashes);
        Commit(builder, hashes);
    }

    private static PageHash[] Read(PageHashTable table, uint first, int count)
    {
        var hashes = new PageHash[count];
        table.Read(first, hashes);
        return hashes;
    }

    private static void AssertNotOpened(CaptureBench bench, byte[] bytes, string what)
    {
        File.WriteAllBytes(bench.TablePath, bytes);
        using var table = PageHashTable.TryOpen(bench.TablePath);
        Assert.True(table is null, what);
    }
}
