using System.Security.Cryptography;
using BackupSidecar.DriveEmulator.Faults;
using BackupSidecar.DriveEmulator.Listing;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Testing.Store;
using Xunit;
using Fault = BackupSidecar.DriveEmulator.Faults.Fault;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>A day in the life of a store on an emulator where everything goes wrong now and then: what counted as put is there once and whole.</summary>
public sealed class DriveUnderFaultsTests
{
    private const int Objects = 24;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_was_put_is_there_once_and_whole(int seed)
    {
        await using var scene = await DriveScene.StartAsync();
        scene.Host.Faults.Set(
            [
                Rule(0.04, new Fault { Kind = FaultKind.Status, Status = 503 }),
                Rule(0.02, new Fault { Kind = FaultKind.Status, Status = 500, Body = FaultBody.Html }),
                Rule(0.02, new Fault { Kind = FaultKind.Status, Status = 403, Reason = "userRateLimitExceeded" }),
                Rule(0.02, new Fault { Kind = FaultKind.Status, Status = 429, Body = FaultBody.Modern }),
                Rule(0.02, new Fault { Kind = FaultKind.Status, Status = 200, Body = FaultBody.Html }),
                Rule(0.03, new Fault { Kind = FaultKind.Cut }),
                Rule(0.03, new Fault { Kind = FaultKind.Cut, When = FaultWhen.After }),
                Rule(0.03, new Fault { Kind = FaultKind.Truncate, Bytes = 20 }),
                Rule(0.10, new Fault { Kind = FaultKind.ShortPersist, Bytes = 256 << 10 }, "upload.chunk"),
                Rule(0.05, new Fault { Kind = FaultKind.ShortPersist }, "upload.chunk"),
                Rule(0.02, new Fault { Kind = FaultKind.SessionGone }, "upload.chunk"),
            ],
            seed);
        scene.Host.Listing = new ListingBehaviour { LagLists = 3, EmptyPages = 0.3, Missing = 0.1, Repeated = 0.2, Phantoms = 1, Disorder = true, Seed = seed };
        var store = scene.Open(change: options => options with { ChunkBytes = 512 << 10 });
        var contents = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var random = new Random(seed);
        for (var i = 0; i < Objects; i++)
        {
            var name = i % 3 == 0 ? $"documents/{i:D3}.json" : $"packs/app/{i:x32}.pack";
            contents.Add(name, RandomNumberGenerator.GetBytes(i % 3 == 2 ? random.Next(1 << 20, 4 << 20) : random.Next(0, 10_000)));
            await PutUntilDoneAsync(store, ObjectName.Parse(name), contents[name], seed);
        }

        await store.DeleteAllAsync([ObjectName.Parse(contents.Keys.First()), ObjectName.Parse(contents.Keys.Last())], Ct);
        contents.Remove(contents.Keys.First());
        contents.Remove(contents.Keys.Last());
        var listed = (await store.ListAsync("", Ct).ToListAsync(Ct)).Select(listing => listing.Name.ToString()).Where(contents.ContainsKey);
        Assert.Equal(contents.Keys, listed);
        foreach (var (name, bytes) in contents)
        {
            var read = await ReadAsync(store, ObjectName.Parse(name));
            Assert.True(bytes.AsSpan().SequenceEqual(read), $"seed {seed}: {name}");
        }

        scene.Host.Faults.Clear();
        scene.Host.Listing = new ListingBehaviour();
        for (var list = 0; list < 5; list++)
        {
            // What lags goes on to do so for a while.
            _ = await scene.FilesAsync();
        }

        var files = await scene.FilesAsync();
        Assert.Equal(contents.Keys, files.Select(file => file.Name!).Order(StringComparer.Ordinal));
        Assert.Equal(0, store.UnfinishedUploads);
    }

    /// <summary>As serve does: a put that failed is tried again at the next turn.</summary>
    private static async Task PutUntilDoneAsync(DriveStore store, ObjectName name, byte[] bytes, int seed)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                await store.PutAsync(name, new ContentAtHand(bytes), Ct);
                return;
            }
            catch (ObjectExistsException)
            {
                throw;
            }
            catch (StoreException) when (attempt < 19)
            {
                // Too many faults in a row.
                continue;
            }
        }

        Assert.Fail($"seed {seed}: {name} was not put");
    }

    private static async Task<byte[]> ReadAsync(DriveStore store, ObjectName name)
    {
        await using var stored = await store.OpenAsync(name, Ct);
        var bytes = new byte[stored.Length];
        await stored.ReadAsync(0, bytes, Ct);
        return bytes;
    }

    private static FaultRule Rule(double probability, Fault fault, string calls = "*") => new() { Calls = [calls], Probability = probability, Fault = fault };
}
