using System.Runtime.InteropServices;
using BackupSidecar.Capture;
using BackupSidecar.Chain;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>Finds the baseline: the local table where it is of the repository's newest position or leads to it, else one rebuilt from the page indexes.</summary>
internal sealed class BaselineReader(IRepositoryReader repository, SourceCatalog catalog, StateDirectory state)
{
    private readonly List<OperatorException> _doubts = [];
    private string _whyNotLocal = "";

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
            return await ReadLocalAsync(reader, ct) ?? await RebuildAsync(reader, ct);
        }
        catch (OperatorException e) when (e is not LocalStateException && e.Kind is FailureKind.VerificationFailed or FailureKind.Failed)
        {
            _doubts.Add(e);
            return null;
        }
    }

    private async ValueTask<Baseline?> ReadLocalAsync(ChainReader reader, CancellationToken ct)
    {
        _whyNotLocal = File.Exists(state.HashTablePath) ? "the local state was damaged" : "the local state was missing";
        if (PageHashTable.TryOpen(state.HashTablePath) is not { } table)
        {
            return null;
        }

        Baseline? baseline = null;
        try
        {
            _whyNotLocal = WhyNotOf(table.State, reader);
            if (IsOfThisSource(table.State) && await TryBringToTipAsync(table, reader, ct) is { } origin)
            {
                baseline = new Baseline(reader.Chain, reader.Tip.Digest, table, origin, NotLocalBecause: null);
            }

            return baseline;
        }
        finally
        {
            if (baseline is null)
            {
                table.Dispose();
            }
        }
    }

    private static string WhyNotOf(CaptureState table, ChainReader reader) => table.Position == reader.Chain.Position
        ? "the local state does not agree with the repository"
        : $"the local state is of position {table.Position} and the newest that the repository can rebuild is {reader.Chain.Position}";

    /// <returns>Null if the table is of no position that leads to the tip.</returns>
    private async ValueTask<BaselineOrigin?> TryBringToTipAsync(PageHashTable table, ChainReader reader, CancellationToken ct)
    {
        if ((table.State.Position, table.Fingerprint, table.Shape) == (reader.Chain.Position, reader.Fingerprint, reader.Shape))
        {
            return BaselineOrigin.Local;
        }

        return table.State.File.IsKnown && await TableRollForward.TryRunAsync(table, reader, repository, ct) ? BaselineOrigin.RolledForward : null;
    }

    private async ValueTask<Baseline> RebuildAsync(ChainReader reader, CancellationToken ct)
    {
        var file = FileOfInterruptedUpdate(reader);
        using (var builder = PageHashTableBuilder.Create(state.HashTablePath))
        {
            await foreach (var block in reader.ChooseAsync(ct))
            {
                foreach (var run in block.Chosen)
                {
                    builder.Write(run.Pages.First, block.HashesOf(run));
                }
            }

            var known = new CaptureState(repository.Id, catalog.Source.Id, reader.Chain.Position, reader.Chain.Tip.Name.Pack, file, Log: null);
            builder.Commit(known, reader.Shape, reader.Fingerprint);
        }

        var table = PageHashTable.TryOpen(state.HashTablePath) ?? throw new Pack.PackFormatException(
            reader.Tip.Name, $"the page hashes of its chain do not add up to its fingerprint {reader.Fingerprint}");
        return new Baseline(reader.Chain, reader.Tip.Digest, table, BaselineOrigin.Rebuilt, _whyNotLocal);
    }

    /// <summary>
    /// What the torn table knows of the file, if its header shows that it is the table of this tip, or of the position before it, and only its last
    /// update was cut off: then the state is not lost, and the timeline may go on. Of any other table nothing is believed.
    /// </summary>
    private CapturedFile FileOfInterruptedUpdate(ChainReader reader)
    {
        if (PageHashTable.TryReadHeader(state.HashTablePath) is not { } header
            || !IsOfThisSource(header.State)
            || header.State.Position.Timeline != reader.Chain.Position.Timeline)
        {
            return CapturedFile.Unknown;
        }

        var found = (header.State.Position, header.Fingerprint, header.Shape);
        var isOurs = found == (reader.Chain.Position, reader.Fingerprint, reader.Shape)
            || found == (reader.Chain.Tip.Name.From, reader.Tip.Trailer.FingerprintBefore, reader.Tip.Header.ShapeBefore);
        return isOurs ? header.State.File : CapturedFile.Unknown;
    }

    private bool IsOfThisSource(CaptureState table) => (table.Repository, table.Source) == (repository.Id, catalog.Source.Id);

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
