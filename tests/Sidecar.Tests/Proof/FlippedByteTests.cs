using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Every byte of a small repository is damaged, one at a time: the damage is found, or it provably changes nothing. It is never restored.</summary>
public sealed class FlippedByteTests(ITestOutputHelper output)
{
    /// <summary>In the short form one damage in so many also goes through a restore and a backup; verify sees every one.</summary>
    private const int RestoredOneIn = 23;

    private static readonly string[] Objects = ["repository.json", "sources/", "packs/", "manifests/"];

    public static TheoryData<ProofStore, string> EveryObject => new(Enum.GetValues<ProofStore>().SelectMany(store => Objects.Select(prefix => (store, prefix))));

    [Theory]
    [MemberData(nameof(EveryObject))]
    public async Task A_flipped_byte_is_found_or_changes_nothing(ProofStore where, string prefix)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var scene = await RepositoryAsync();
        foreach (var name in NamesOf(scene, prefix))
        {
            var bytes = scene.Store.Read(name);
            foreach (var offset in place.Of(Enumerable.Range(0, bytes.Length)))
            {
                var mask = (byte)random.Next(1, 256);
                await AssertFoundOrHarmlessAsync(place, scene, $"byte {offset} of {name} flipped by {mask:x2}", store => store.Flip(name, offset, mask), IsSampled(random));
            }
        }
    }

    [Theory]
    [MemberData(nameof(EveryObject))]
    public async Task A_truncated_or_lengthened_object_is_found(ProofStore where, string prefix)
    {
        await using var place = await ProofPlace.StartAsync(where, output);
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var scene = await RepositoryAsync();
        foreach (var name in NamesOf(scene, prefix))
        {
            var bytes = scene.Store.Read(name);
            foreach (var length in place.Of(LengthsBelow(bytes.Length, random)))
            {
                await AssertFoundAsync(place, scene, $"{name} cut to {length} bytes", store => store.Replace(name, bytes[..length]), IsSampled(random));
            }

            foreach (var added in place.Of((byte[][])[[0], [10], [.. "}\n"u8], new byte[128], [.. bytes], bytes[^Math.Min(bytes.Length, 128)..]]))
            {
                await AssertFoundAsync(place, scene, $"{name} with {added.Length} bytes more", store => store.Replace(name, [.. bytes, .. added]), isSampled: true);
            }
        }
    }

    [Fact]
    public async Task A_missing_object_is_found_or_takes_nothing_with_it()
    {
        using var scene = await RepositoryAsync();
        foreach (var name in scene.Store.Names)
        {
            // A manifest that is gone leaves its position: the pack alone is a restore point.
            var check = name.StartsWith("manifests/", StringComparison.Ordinal) ? AssertFoundOrHarmlessAsync : (Func<ProofScene, string, Action<MemoryStore>, bool, Task>)AssertFoundAsync;
            await check(scene, $"{name} removed", store => store.Remove(name), true);
        }
    }

    [Fact]
    public async Task An_object_under_the_name_of_another_is_found()
    {
        using var scene = await RepositoryAsync();
        foreach (var folder in (string[])["packs/", "manifests/"])
        {
            var names = NamesOf(scene, folder);
            foreach (var (one, other) in names.SelectMany(one => names.Select(other => (one, other))).Where(pair => string.CompareOrdinal(pair.one, pair.other) < 0))
            {
                var (first, second) = (scene.Store.Read(one), scene.Store.Read(other));
                await AssertFoundAsync(scene, $"{one} and {other} swapped", store => Put(store, (one, second), (other, first)), isSampled: true);
                await AssertFoundAsync(scene, $"{one} over {other}", store => Put(store, (other, first)), isSampled: true);
                await AssertFoundAsync(scene, $"{other} over {one}", store => Put(store, (one, second)), isSampled: true);
            }
        }
    }

    [Fact]
    public async Task A_renamed_pack_is_found_or_changes_nothing()
    {
        using var scene = await RepositoryAsync();
        foreach (var name in NamesOf(scene, "packs/"))
        {
            var bytes = scene.Store.Read(name);

            // Each field of the name in turn says something else that is still a name.
            for (var at = name.LastIndexOf('/') + 1; at < name.Length - ".pack".Length; at++)
            {
                if (name[at] == '-')
                {
                    continue;
                }

                var renamed = name[..at] + (name[at] == '1' ? '2' : '1') + name[(at + 1)..];
                if (ObjectName.TryParse(renamed, out _))
                {
                    await AssertFoundAsync(
                        scene,
                        $"{name} renamed to {renamed}",
                        store =>
                        {
                            store.Remove(name);
                            store.Replace(renamed, bytes);
                        },
                        isSampled: at % RestoredOneIn == 0);
                }
            }
        }
    }

    [Fact]
    public async Task A_backup_of_another_repository_is_found()
    {
        using var scene = await RepositoryAsync();
        using var other = await RepositoryAsync();
        foreach (var name in other.Store.Names)
        {
            var bytes = other.Store.Read(name);
            var mine = scene.Store.Names[other.Store.Names.ToList().IndexOf(name)];
            await AssertFoundAsync(scene, $"{mine} of another repository", store => store.Replace(mine, bytes), isSampled: true);
        }
    }

    /// <summary>A full and two increments, some of their blocks compressed and some stored.</summary>
    private static async Task<ProofScene> RepositoryAsync()
    {
        var scene = new ProofScene();
        scene.Execute("PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, body); INSERT INTO t VALUES(1, zeroblob(900)), (2, randomblob(300)), (3, 'three');");
        await scene.BackupAsync(compression: CompressionLevel.Light);
        scene.Execute("UPDATE t SET body = randomblob(300) WHERE id = 2;");
        await scene.BackupAsync(compression: CompressionLevel.None);
        scene.Execute("UPDATE t SET body = 'changed' WHERE id = 3; DELETE FROM t WHERE id = 1;");
        await scene.BackupAsync(compression: CompressionLevel.Heavy);
        await scene.AssertWholeAsync();
        scene.Execute("UPDATE t SET body = 'changed again' WHERE id = 3;");
        scene.Remember();
        return scene;
    }

    private static List<string> NamesOf(ProofScene scene, string prefix) => [.. scene.Store.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    private static bool IsSampled(Random random) => ProofSettings.IsWhole || random.Next(RestoredOneIn) == 0;

    private static void Put(MemoryStore store, params ReadOnlySpan<(string Name, byte[] Bytes)> objects)
    {
        foreach (var (name, bytes) in objects)
        {
            store.Replace(name, bytes);
        }
    }

    private static IEnumerable<int> LengthsBelow(int all, Random random)
    {
        for (var length = 0; length < all; length += ProofSettings.IsWhole ? 1 : random.Next(1, 7))
        {
            yield return length;
        }
    }

    private static async Task AssertFoundAsync(ProofScene scene, string damage, Action<MemoryStore> inflict, bool isSampled)
    {
        await using var place = ProofPlace.InMemory();
        await AssertFoundAsync(place, scene, damage, inflict, isSampled);
    }

    private static async Task AssertFoundOrHarmlessAsync(ProofScene scene, string damage, Action<MemoryStore> inflict, bool isSampled)
    {
        await using var place = ProofPlace.InMemory();
        await AssertFoundOrHarmlessAsync(place, scene, damage, inflict, isSampled);
    }

    private static async Task AssertFoundAsync(ProofPlace place, ProofScene scene, string damage, Action<MemoryStore> inflict, bool isSampled)
    {
        var damaged = scene.Store.Copy();
        inflict(damaged);
        var store = await place.FillAsync(damaged);
        Assert.False(await IsProvedAsync(scene, store), $"verify --level data found nothing wrong with {damage}.");
        await AssertNothingWrongIsRestoredAsync(scene, store, damage, isSampled, mustSucceed: false);
    }

    private static async Task AssertFoundOrHarmlessAsync(ProofPlace place, ProofScene scene, string damage, Action<MemoryStore> inflict, bool isSampled)
    {
        var damaged = scene.Store.Copy();
        inflict(damaged);
        var store = await place.FillAsync(damaged);
        var isProved = await IsProvedAsync(scene, store);
        await AssertNothingWrongIsRestoredAsync(scene, store, damage, isSampled || isProved, mustSucceed: isProved);
    }

    /// <summary>Only an operator's exception may stand for a finding: any other fails the test.</summary>
    private static async Task<bool> IsProvedAsync(ProofScene scene, IObjectStore store)
    {
        try
        {
            return (await scene.VerifyAsync(store)).IsProved;
        }
        catch (OperatorException)
        {
            return false;
        }
    }

    private static async Task AssertNothingWrongIsRestoredAsync(ProofScene scene, IObjectStore store, string damage, bool isSampled, bool mustSucceed)
    {
        if (!isSampled)
        {
            return;
        }

        foreach (var backup in scene.Acknowledged)
        {
            try
            {
                ProofScene.AssertEqual(backup.Database, await scene.RestoreAsync(backup.Manifest.Position, store));
                ProofScene.AssertEqual(backup.Database, await scene.RestoreAsync(new RestoreChoice(backup.Manifest.BackupId.ToString(), null, null, null), store));
            }
            catch (OperatorException e)
            {
                Assert.False(mustSucceed && !e.Message.Contains("has no backup", StringComparison.Ordinal), $"verify passes with {damage}, and a restore does not: {e.Message}");
            }
        }

        await AssertNextBackupIsRightAsync(scene, store);
        scene.GoBack();
    }

    /// <summary>Whatever is damaged, the next backup says so or is whole; it never builds upon what it cannot trust without being found out.</summary>
    private static async Task AssertNextBackupIsRightAsync(ProofScene scene, IObjectStore store)
    {
        try
        {
            await scene.BackupAsync(store);
            ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest, store));
        }
        catch (OperatorException)
        {
            // Refused, or found by the restore.
        }
    }
}
