using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Repository;

public sealed class SourceCatalogTests
{
    [Fact]
    public void A_chain_goes_back_to_its_full_newest_first()
    {
        var catalog = CatalogOf([PackOf(1, 2), PackOf(0, 1), PackOf(2, 3)]);

        var chain = catalog.ChainTo(At(3));

        Assert.Equal([PackOf(2, 3), PackOf(1, 2), PackOf(0, 1)], chain.NewestFirst);
        Assert.Equal(PackOf(0, 1), chain.Full);
        Assert.Equal(PackOf(2, 3), chain.Tip);
        Assert.Equal(3000, chain.Bytes);
    }

    [Fact]
    public void Of_several_packs_to_one_position_the_one_that_starts_earliest_is_taken()
    {
        var compacted = CatalogOf([PackOf(0, 1), PackOf(1, 2), PackOf(2, 3), PackOf(1, 3)]);
        var full = CatalogOf([PackOf(0, 1), PackOf(1, 2), PackOf(2, 3), PackOf(1, 3), PackOf(0, 3)]);

        Assert.Equal([PackOf(1, 3), PackOf(0, 1)], compacted.ChainTo(At(3)).NewestFirst);
        Assert.Equal([PackOf(0, 3)], full.ChainTo(At(3)).NewestFirst);
    }

    [Fact]
    public void Of_equal_packs_the_smallest_id_is_taken()
    {
        var catalog = CatalogOf([PackOf(0, 1, id: 9), PackOf(0, 1, id: 2), PackOf(0, 1, id: 5)]);

        Assert.Equal([PackOf(0, 1, id: 2)], catalog.ChainTo(At(1)).NewestFirst);
    }

    [Fact]
    public void A_pack_whose_start_is_missing_does_not_hide_one_that_works()
    {
        // 1 to 4 would be shorter, but nothing leads to 1.
        var catalog = CatalogOf([PackOf(0, 2), PackOf(2, 3), PackOf(3, 4), PackOf(1, 4)]);

        Assert.Equal([PackOf(3, 4), PackOf(2, 3), PackOf(0, 2)], catalog.ChainTo(At(4)).NewestFirst);
    }

    [Fact]
    public void A_missing_pack_is_a_gap_that_names_the_position_and_a_way_out()
    {
        var catalog = CatalogOf([PackOf(0, 1), PackOf(1, 2), PackOf(3, 4), PackOf(4, 5)]);

        var e = Assert.Throws<TimelineGapException>(() => catalog.ChainTo(At(5)));

        Assert.Equal(At(3), e.Missing);
        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
        Assert.Contains($"position {At(3)}", e.Message, StringComparison.Ordinal);
        Assert.Contains($"2@{Line}", e.Hint, StringComparison.Ordinal);
        Assert.Equal(At(2), catalog.Newest);
        Assert.Equal(At(5), catalog.NewestListed);
        Assert.True(catalog.CanReach(At(2)));
        Assert.False(catalog.CanReach(At(4)));
    }

    [Fact]
    public void The_newest_backup_is_not_passed_over_when_its_pack_is_gone()
    {
        var catalog = CatalogOf([PackOf(0, 1)], ManifestOf(1, 0xB1, 1), ManifestOf(2, 0xB2, 2));

        Assert.Equal(At(1), catalog.Newest);
        Assert.Equal(At(2), catalog.NewestListed);
        Assert.Equal(At(2), Assert.Throws<TimelineGapException>(() => catalog.ChainTo(new RestorePointSelector(catalog).Newest().Position)).Missing);
    }

    [Fact]
    public void A_position_that_was_never_stored_is_a_gap_of_its_own()
    {
        var e = Assert.Throws<TimelineGapException>(() => CatalogOf([PackOf(0, 5)]).ChainTo(At(4)));

        Assert.Equal(At(4), e.Missing);
        Assert.Contains("no earlier position", e.Hint, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_same_number_on_another_timeline_is_another_position()
    {
        var catalog = CatalogOf([PackOf(0, 1), PackOf(At(1, OtherLine), At(2))]);

        Assert.Equal(At(1, OtherLine), Assert.Throws<TimelineGapException>(() => catalog.ChainTo(At(2))).Missing);
    }

    [Fact]
    public void A_new_timeline_goes_on_from_the_old_one()
    {
        var catalog = CatalogOf([PackOf(0, 1), PackOf(At(1), At(2, OtherLine)), PackOf(1, 3)]);

        Assert.Equal([PackOf(At(1), At(2, OtherLine)), PackOf(0, 1)], catalog.ChainTo(At(2, OtherLine)).NewestFirst);
        Assert.Equal(At(3), catalog.Newest);
    }

    [Fact]
    public void Of_several_chains_the_one_with_the_fewest_packs_is_taken()
    {
        // The pack 2-6 starts later than 1-4, but saves one.
        var catalog = CatalogOf([PackOf(0, 1), PackOf(1, 2), PackOf(1, 4), PackOf(4, 5), PackOf(5, 6), PackOf(2, 6)]);

        Assert.Equal([PackOf(2, 6), PackOf(1, 2), PackOf(0, 1)], catalog.ChainTo(At(6)).NewestFirst);
    }

    [Fact]
    public void A_tombstoned_pack_is_used_only_where_there_is_no_other_way()
    {
        PackEntry[] packs = [PackOf(0, 1), PackOf(1, 2), PackOf(2, 3), PackOf(1, 3)];

        Assert.Equal([PackOf(2, 3), PackOf(1, 2), PackOf(0, 1)], With(packs[3]).ChainTo(At(3)).NewestFirst);
        Assert.Equal([PackOf(1, 3), PackOf(0, 1)], With(packs[1], packs[2]).ChainTo(At(3)).NewestFirst);
        Assert.Equal([PackOf(1, 2), PackOf(0, 1)], With(packs[1], packs[2]).ChainTo(At(2)).NewestFirst);
        Assert.Equal([At(1), At(3)], With(packs[1], packs[2]).RestorePoints().Select(point => point.Position));
        Assert.Equal([PackOf(1, 3), PackOf(0, 1)], With(packs).ChainTo(At(3)).NewestFirst);

        SourceCatalog With(params PackEntry[] tombstoned) => new(SampleRecord, packs, [], [], "memory") { Tombstones = [TombstoneOf(1, tombstoned)] };
    }

    [Fact]
    public void A_catalog_that_followed_every_change_is_the_one_that_a_listing_gives() =>
        Gen.Select(Gen.Int[0, 5], Gen.ULong[0, 9], Gen.ULong[1, 9], Gen.Bool, Gen.Bool, Gen.UInt[1, 3]).Array[0, 40].Sample(rows =>
        {
            var (packs, manifests, tombstones) = (new HashSet<PackEntry>(), new List<ManifestEntry>(), new List<Tombstone>());
            var followed = CatalogOf([]);
            var id = 0u;
            foreach (var (kind, first, second, line, otherLine, sample) in rows)
            {
                id++;
                CatalogChange change = kind switch
                {
                    3 => new CatalogChange.ManifestAdded(ManifestOf(second, id, id)),
                    4 => new CatalogChange.TombstoneAdded(TombstoneOf(id, [.. packs.Where((_, i) => i % 3 == sample % 3)])),
                    5 when tombstones.Count > 0 => new CatalogChange.TombstoneEnded(tombstones[(int)(first % (ulong)tombstones.Count)], line),
                    _ => new CatalogChange.PackAdded(PackOf(At(first, line ? Line : OtherLine), At(first + second, otherLine ? Line : OtherLine), id)),
                };
                switch (change)
                {
                    case CatalogChange.PackAdded added:
                        packs.Add(added.Pack);
                        break;
                    case CatalogChange.ManifestAdded added:
                        manifests.Add(added.Manifest);
                        break;
                    case CatalogChange.TombstoneAdded added:
                        tombstones.Add(added.Tombstone);
                        break;
                    case CatalogChange.TombstoneEnded ended:
                        tombstones.Remove(ended.Tombstone);
                        packs.ExceptWith(ended.IsSwept ? packs.Where(pack => ended.Tombstone.Packs.Contains(pack.Name)).ToList() : []);
                        break;
                }

                // Asked now and then, so that what is followed step by step and what is found again are mixed.
                followed = sample == 1 ? followed.Copy() : followed;
                _ = sample == 2 ? followed.Newest : null;
                followed.Apply(change);
            }

            var listed = new SourceCatalog(SampleRecord, packs, manifests, [], "memory") { Tombstones = tombstones };
            Assert.Equal(listed.Packs, followed.Packs);
            Assert.Equal(listed.Manifests, followed.Manifests);
            Assert.Equal(listed.Newest, followed.Newest);
            Assert.Equal(listed.NewestListed, followed.NewestListed);
            Assert.Equal(listed.LastingPacks(), followed.LastingPacks());
            foreach (var position in packs.Select(pack => pack.Name.To).Distinct())
            {
                Assert.Equal(listed.CanReach(position), followed.CanReach(position));
                Assert.Equal(listed.CanReach(position) ? listed.ChainTo(position).NewestFirst : [], followed.CanReach(position) ? followed.ChainTo(position).NewestFirst : []);
            }
        });

    [Fact]
    public void The_order_of_names_is_that_of_the_objects() =>
        Gen.Select(Gen.ULong[0, 3], Gen.ULong[1, 3], Gen.Bool, Gen.Bool, Gen.UInt[1, 3]).Array[0, 30].Sample(rows =>
        {
            var names = rows.Select(row => PackOf(At(row.Item1, row.Item3 ? Line : OtherLine), At(row.Item1 + row.Item2, row.Item4 ? Line : OtherLine), row.Item5).Name).Distinct().ToList();

            Assert.Equal(names.OrderBy(name => name.ToString(), StringComparer.Ordinal), names.Order());
        });

    [Fact]
    public void An_empty_source_has_no_newest_position()
    {
        var catalog = CatalogOf([]);

        Assert.Null(catalog.Newest);
        Assert.Null(catalog.NewestListed);
        Assert.Empty(catalog.RestorePoints());
    }

    [Fact]
    public void Whatever_packs_there_are_every_chain_is_unbroken_and_every_gap_is_real() =>
        Gen.Select(Gen.ULong[0, 12], Gen.ULong[1, 12], Gen.Bool, Gen.Bool, Gen.UInt[1, 5]).Array[0, 40].Sample(rows =>
        {
            var packs = rows
                .Where(row => row.Item1 < row.Item2)
                .Select(row => PackOf(At(row.Item1, row.Item3 ? Line : OtherLine), At(row.Item2, row.Item4 ? Line : OtherLine), row.Item5))
                .Distinct()
                .ToList();
            var catalog = CatalogOf(packs);
            foreach (var position in packs.Select(pack => pack.Name.To).Distinct())
            {
                Assert.Equal(IsReachable(packs, position), catalog.CanReach(position));
                if (!catalog.CanReach(position))
                {
                    var e = Assert.Throws<TimelineGapException>(() => catalog.ChainTo(position));
                    Assert.DoesNotContain(packs, pack => pack.Name.To == e.Missing);
                    continue;
                }

                var next = position;
                foreach (var pack in catalog.ChainTo(position).NewestFirst)
                {
                    Assert.Equal(next, pack.Name.To);
                    next = pack.Name.From;
                }

                Assert.True(next.IsNone);
            }
        });

    private static bool IsReachable(List<PackEntry> packs, Position position) =>
        position.IsNone || packs.Any(pack => pack.Name.To == position && IsReachable(packs, pack.Name.From));

    private static Tombstone TombstoneOf(uint id, PackEntry[] packs) =>
        new(new TombstoneName(SampleSource, Noon + id, new Id128<TombstoneKind>(id)), [.. packs.Select(pack => pack.Name)]);
}
