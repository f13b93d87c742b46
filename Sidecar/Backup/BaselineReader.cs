using System.Runtime.InteropServices;
using BackupSidecar.Capture;
using BackupSidecar.Chain;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>Finds the baseline: the local table where it is of the repository's newest position, else one rebuilt from its page indexes.</summary>
internal sealed class BaselineReader(IRepositoryReader repository, SourceCatalog catalog, StateDirectory state)
{
    private readonly List<OperatorException> _doubts = [];

    /// <summary>What is wrong with the newest packs. A new full does not depend on them.</summary>
    public IReadOnlyList<OperatorException> Doubts => _doubts;

    /// <returns>Null if there is nothing that a changeset could start from: a full is needed.</returns>
    public async ValueTask<Baseline?> ReadAsync(CancellationToken ct)
    {
        if (catalog.NewestListed is { } listed && !catalog.CanReach(listed))
        {
            _doubts.Add(GapAt(listed));
        }

        if (catalog.Newest is not { } newest)
        {
            return null;
        }

        try
        {
            var chain = catalog.ChainTo(newest);
            await using var reader = await ChainReader.OpenAsync(repository, chain, ct);
            return ReadLocal(reader, out var whyNot) ?? await RebuildAsync(reader, whyNot, ct);
        }
        catch (OperatorException e) when (e is not LocalStateException && e.Kind is FailureKind.VerificationFailed or FailureKind.Failed)
        {
            _doubts.Add(e);
            return null;
        }
    }

    private Baseline? ReadLocal(ChainReader reader, out string whyNot)
    {
        whyNot = File.Exists(state.HashTablePath) ? "the local state was damaged" : "the local state was missing";
        if (PageHashTable.TryOpen(state.HashTablePath) is not { } table)
        {
            return null;
        }

        var header = table.Header;
        var local = (header.Repository, header.Source, header.Position, header.Fingerprint, header.Shape);
        if (local == (repository.Id, catalog.Source.Id, reader.Chain.Position, reader.Fingerprint, reader.Shape))
        {
            return new Baseline(reader.Chain, reader.Tip.Digest, table, RebuiltBecause: null);
        }

        whyNot = header.Position == reader.Chain.Position
            ? "the local state does not agree with the repository"
            : $"the local state is of position {header.Position} and the newest that the repository can rebuild is {reader.Chain.Position}";
        table.Dispose();
        return null;
    }

    private async ValueTask<Baseline> RebuildAsync(ChainReader reader, string because, CancellationToken ct)
    {
        using (var builder = PageHashTableBuilder.Create(state.HashTablePath))
        {
            await foreach (var block in reader.ChooseAsync(ct))
            {
                foreach (var run in block.Chosen)
                {
                    builder.Write(run.Pages.First, block.HashesOf(run));
                }
            }

            builder.Commit(new PageHashTableHeader(
                repository.Id, catalog.Source.Id, reader.Chain.Position, reader.Shape, reader.Fingerprint, IsWal: false, Device: 0, Inode: 0, ChangeCounter: 0));
        }

        var table = PageHashTable.TryOpen(state.HashTablePath) ?? throw new Pack.PackFormatException(
            reader.Tip.Name, $"the page hashes of its chain do not add up to its fingerprint {reader.Fingerprint}");
        return new Baseline(reader.Chain, reader.Tip.Digest, table, because);
    }

    private TimelineGapException GapAt(Position listed)
    {
        try
        {
            _ = catalog.ChainTo(listed);
        }
        catch (TimelineGapException gap)
        {
            return gap;
        }

        throw new InvalidOperationException($"Position {listed} cannot be reached and has no gap.");
    }
}
