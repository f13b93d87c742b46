using System.Buffers.Binary;
using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Repository;
using BackupSidecar.Tests.Pack;
using BackupSidecar.Tests.Proof;
using Xunit;

namespace BackupSidecar.Tests.Chain;

/// <summary>A header with right digests that promises more than the packs can hold.</summary>
public sealed class ForgedShapeTests
{
    private const int PageCountAfterOffset = 108;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(1u << 24)]
    public async Task More_pages_than_the_packs_have_room_for_are_refused_before_memory_is_taken_for_them(uint pageCount)
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        scene.Execute(ProofScene.Change);
        await scene.BackupAsync();
        var tip = scene.Acknowledged[^1].Manifest.Pack.Name.ToString();
        var bytes = scene.Store.Read(tip);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PageCountAfterOffset), pageCount);
        PackSeal.Renew(bytes);
        scene.Store.Replace(tip, bytes);
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(null, Ct), Ct);
        var plan = catalog.ChainTo(scene.Acknowledged[^1].Manifest.Position);

        var e = await Assert.ThrowsAsync<PackFormatException>(() => ChainReader.OpenAsync(repository, plan, Ct).AsTask());
        Assert.Contains(tip, e.Message, StringComparison.Ordinal);
        Assert.Contains($"{pageCount} pages", e.Message, StringComparison.Ordinal);
    }
}
