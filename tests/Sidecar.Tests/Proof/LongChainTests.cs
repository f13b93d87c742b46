using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store.FileSystem;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Chains of more packs than stay open at a time.</summary>
public sealed class LongChainTests
{
    private const int Increments = 90;

    /// <summary>What 16 workers have in their hands, one block that waits for its turn and one that is being posted.</summary>
    private const int InFlightMax = 18;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Once a restore failed on a closed file: the pack of a block that was still being read was closed when 64 packs without a block of interest came after it.</summary>
    [Fact]
    public async Task A_block_stays_readable_however_many_packs_are_passed_over()
    {
        using var scene = new ProofScene();
        var store = new FileSystemStore(scene.Volume.Elsewhere("repository"));
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync(store);
        for (var increment = 0; increment < Increments; increment++)
        {
            scene.Execute($"UPDATE t SET name = 'row {increment}' WHERE id = 5;");
            await scene.BackupAsync(store);
        }

        var repository = await BackupRepository.OpenForReadingAsync(store, Ct);
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(null, Ct), Ct);
        var plan = catalog.ChainTo(scene.Acknowledged[^1].Manifest.Position);
        Assert.Equal(Increments + 1, plan.NewestFirst.Count);
        await using var chain = await ChainReader.OpenAsync(repository, plan, Ct);
        var inFlight = new Queue<ChosenBlock>();
        await foreach (var block in chain.ChooseAsync(Ct))
        {
            inFlight.Enqueue(block);
            if (inFlight.Count > InFlightMax)
            {
                await ReadAsync(inFlight.Dequeue());
            }
        }

        while (inFlight.TryDequeue(out var block))
        {
            await ReadAsync(block);
        }

        ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest, store));
        ProofScene.AssertEqual(scene.Acknowledged[0].Database, await scene.RestoreAsync(scene.Acknowledged[0].Manifest.Position, store));
    }

    private static async Task ReadAsync(ChosenBlock block) => await block.Pack.ReadBlockAsync(block.Entry, new byte[BlockEntry.RawLengthMax], Ct);
}
