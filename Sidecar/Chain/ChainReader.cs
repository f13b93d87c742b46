using System.Runtime.CompilerServices;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Chain;

/// <summary>The packs that rebuild one position, opened and checked against each other: every page is chosen once, newest pack first.</summary>
internal sealed class ChainReader : IAsyncDisposable
{
    /// <summary>
    /// Packs that stay open behind the one that is read, for blocks that are still being worked on. Only packs that gave a block count, and
    /// a caller works on at most 18 blocks at a time (16 workers, one waiting to be consumed, one being posted): the oldest is out of use.
    /// </summary>
    private const int OpenMax = 64;

    private readonly IRepositoryReader _repository;
    private readonly List<IPackObject> _open = [];

    private ChainReader(IRepositoryReader repository, PackChain chain, PackReader tip)
    {
        _repository = repository;
        Chain = chain;
        Tip = tip;
    }

    public PackChain Chain { get; }

    /// <summary>Header and trailer of the newest pack: the shape and the fingerprint of the position.</summary>
    public PackReader Tip { get; }

    public DatabaseShape Shape => Tip.Header.ShapeAfter;

    public Fingerprint Fingerprint => Tip.Trailer.FingerprintAfter;

    /// <exception cref="PackFormatException">The newest pack is not the one that its name promises, is damaged, or promises more pages than the chain can hold.</exception>
    public static async ValueTask<ChainReader> OpenAsync(IRepositoryReader repository, PackChain chain, CancellationToken ct)
    {
        await using var pack = await repository.OpenPackAsync(chain.Tip.Name, ct);
        var tip = await ReadAsync(repository, pack, chain.Tip.Name, ct);
        await EnsureRoomForAsync(tip, repository, chain, ct);
        return new ChainReader(repository, chain, tip);
    }

    /// <summary>Opens a pack and checks that it is the one that its name promises.</summary>
    /// <exception cref="PackFormatException">It is not, or is damaged.</exception>
    public static async ValueTask<PackReader> ReadAsync(IRepositoryReader repository, IPackObject pack, PackName name, CancellationToken ct)
    {
        var reader = await PackReader.OpenAsync(name.ToString(), pack.Length, pack.ReadAsync, ct);
        var header = reader.Header;
        var promised = (repository.Id, name.Source, name.Pack, name.From, name.To, name.CaptureTimeMicroseconds, (ulong)name.Stamp.Lease);
        var found = (header.Repository, header.Source, header.Pack, header.From, header.To, header.CaptureTimeMicroseconds, header.FencingNumber);
        return promised == found
            ? reader
            : throw new PackFormatException(
                reader.Name, $"it was renamed or copied here: its header says repository {header.Repository}, source {header.Source}, pack {header.Pack}, from {header.From} to {header.To}");
    }

    /// <summary>Checks that a pack starts with the database that the one before it ends with.</summary>
    /// <exception cref="PackFormatException">It does not.</exception>
    public static void EnsureContinues(PackReader newer, PackReader older)
    {
        if (newer.Trailer.FingerprintBefore != older.Trailer.FingerprintAfter || newer.Header.ShapeBefore != older.Header.ShapeAfter)
        {
            throw new PackFormatException(
                newer.Name,
                $"it starts from fingerprint {newer.Trailer.FingerprintBefore} with {newer.Header.ShapeBefore.PageCount} pages, but {older.Name} ends with {older.Trailer.FingerprintAfter} and {older.Header.ShapeAfter.PageCount}");
        }
    }

    /// <summary>The blocks that the position needs, each once, with the pages that are to be taken from it.</summary>
    /// <remarks>What is made of them must not be final before the enumeration ends: the digests of the indexes, the links between packs and the completeness are proved on the way.</remarks>
    /// <exception cref="PackFormatException">A pack is damaged, does not continue its predecessor, or a page is in no pack.</exception>
    public async IAsyncEnumerable<ChosenBlock> ChooseAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var chosen = new PageSet(Shape.PageCount);
        ulong chosenCount = 0;
        PackReader? newer = null;
        foreach (var entry in Chain.NewestFirst)
        {
            var pack = await OpenAsync(entry.Name, ct);
            if (newer is not null)
            {
                EnsureContinues(newer, pack);
            }

            newer = pack;
            var isUsed = false;
            await foreach (var block in pack.ReadIndexAsync(ct))
            {
                var runs = Choose(block, chosen);
                if (runs.Count > 0)
                {
                    isUsed = true;
                    chosenCount += (ulong)runs.Sum(run => run.Pages.Count);
                    yield return new ChosenBlock(pack, block, runs);
                }
            }

            if (!isUsed)
            {
                await CloseAsync(_open.Count - 1);
            }
            else if (_open.Count > OpenMax)
            {
                await CloseAsync(0);
            }
        }

        if (chosenCount != Shape.StoredPageCount)
        {
            throw new PackFormatException(Chain.Full.Name.ToString(), $"page {FirstMissing(chosen)} of position {Chain.Position} is in no pack of its chain");
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_open.Count > 0)
        {
            await CloseAsync(_open.Count - 1);
        }
    }

    /// <summary>Every page has its hash in an index of the chain. Without this a forged header would make every reader take memory for 2^32 pages.</summary>
    private static async ValueTask EnsureRoomForAsync(PackReader tip, IRepositoryReader repository, PackChain chain, CancellationToken ct)
    {
        var shape = tip.Header.ShapeAfter;
        if (chain.Bytes < (long)shape.StoredPageCount * PageHash.Size)
        {
            // An older pack that was cut leaves as little room, and is then the one to name.
            foreach (var entry in chain.NewestFirst.Skip(1))
            {
                await using var older = await repository.OpenPackAsync(entry.Name, ct);
                _ = await ReadAsync(repository, older, entry.Name, ct);
            }

            throw new PackFormatException(tip.Name, $"its header says {shape.PageCount} pages, but the packs of its chain have {chain.Bytes} bytes in all, less than the hashes of so many pages");
        }
    }

    private async ValueTask<PackReader> OpenAsync(PackName name, CancellationToken ct)
    {
        var pack = await _repository.OpenPackAsync(name, ct);
        _open.Add(pack);
        return await ReadAsync(_repository, pack, name, ct);
    }

    private async ValueTask CloseAsync(int index)
    {
        var pack = _open[index];
        _open.RemoveAt(index);
        await pack.DisposeAsync();
    }

    private static List<ChosenRun> Choose(BlockEntry block, PageSet chosen)
    {
        var runs = new List<ChosenRun>();
        var index = 0;
        foreach (var run in block.Runs)
        {
            for (var page = run.First; page < run.End; page++, index++)
            {
                if (!chosen.TryAdd(page))
                {
                    continue;
                }

                if (runs.Count > 0 && runs[^1].Pages.End == page && runs[^1].Index + runs[^1].Pages.Count == index)
                {
                    runs[^1] = runs[^1] with { Pages = new PageRun(runs[^1].Pages.First, runs[^1].Pages.Count + 1) };
                }
                else
                {
                    runs.Add(new ChosenRun(new PageRun(page, 1), index));
                }
            }
        }

        return runs;
    }

    private uint FirstMissing(PageSet chosen)
    {
        for (uint page = 1; page <= Shape.PageCount; page++)
        {
            if (page != Shape.LockBytePage && !chosen.Contains(page))
            {
                return page;
            }
        }

        return 0;
    }
}
