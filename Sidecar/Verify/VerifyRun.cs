using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;

namespace BackupSidecar.Verify;

/// <summary>Proves what a repository can restore, holding nothing that could change it. Start reading here.</summary>
/// <remarks>
/// Everything stored belongs to a source whose record is whole. For each source: (1) every manifest is read and checked; (2) every pack: name, header, trailer, index, and from level data on each block;
/// (3) every position has an unbroken chain; (4) the newest position of each branch adds up to its fingerprint;
/// (5) at level drill the newest position is restored. A finding never ends the run: all are reported.
/// </remarks>
internal sealed class VerifyRun(IRepositoryReader repository, VerifyOptions options, TimeProvider time, IProgress<ProgressReport>? progress)
{
    private readonly VerifyCoverage _coverage = new();
    private readonly List<VerifyFinding> _findings = [];
    private long _bytesTotal;

    public async ValueTask<VerifyResult> ExecuteAsync(CancellationToken ct)
    {
        var started = time.GetTimestamp();
        if (options.Level == VerifyLevel.Drill && !Directory.Exists(options.ScratchDirectory))
        {
            // Before hours of reading. It is the operator's: made here, it would stay, perhaps on the wrong volume.
            throw NoScratch(options.ScratchDirectory, "it does not exist.", innerException: null);
        }

        foreach (var source in await FindSourcesAsync(ct))
        {
            var catalog = await repository.ReadCatalogAsync(source, ct);
            _coverage.Sources++;
            _bytesTotal += catalog.Packs.Sum(pack => pack.Length);
            foreach (var unknown in catalog.UnknownObjects)
            {
                Add(unknown.ToString(), "its name is not one that this program gives", "It is not used. Find out who put it there.", isFatal: false);
            }

            var packs = await VerifyPacksAsync(catalog, ct);
            await VerifyManifestsAsync(catalog, packs, ct);
            await VerifyPositionsAsync(catalog, ct);
            if (options.Level == VerifyLevel.Drill)
            {
                await DrillAsync(catalog, ct);
            }
        }

        return new VerifyResult(options.Level, _coverage, _findings, time.GetElapsedTime(started));
    }

    private async ValueTask<IReadOnlyList<SourceRecord>> FindSourcesAsync(CancellationToken ct)
    {
        if (options.SourceName is { } name)
        {
            return [await repository.FindSourceAsync(name, ct)];
        }

        // Before the records: of a source that is registered meanwhile the record comes first.
        var stored = await repository.ListStoredSourcesAsync(ct);
        var sources = new List<SourceRecord>();
        foreach (var listed in await repository.ListSourceNamesAsync(ct))
        {
            await GuardAsync(RepositoryLayout.RecordOf(listed).ToString(), async () => sources.Add(await repository.FindSourceAsync(listed, ct)));
        }

        foreach (var id in stored.Except(sources.Select(source => source.Id)))
        {
            Add(
                RepositoryLayout.PacksOf(id),
                $"no readable record in {RepositoryLayout.SourceFolder} names source {id}, so that its backups cannot be asked for",
                "Bring the record back from a copy of the repository. Its name is in the manifests of the source.",
                isFatal: true);
        }

        return sources;
    }

    private async ValueTask<Dictionary<PackName, PackReader>> VerifyPacksAsync(SourceCatalog catalog, CancellationToken ct)
    {
        var sound = new Dictionary<PackName, PackReader>();
        foreach (var entry in catalog.Packs)
        {
            _coverage.Packs++;
            await GuardAsync(entry.Name.ToString(), async () =>
            {
                await using var pack = await repository.OpenPackAsync(entry.Name, ct);
                var reader = await ChainReader.ReadAsync(repository, pack, entry.Name, ct);
                await new PackCheck(reader, _coverage, options, ReportRead).RunAsync(ct);
                sound.Add(entry.Name, reader);
            });
        }

        return sound;
    }

    private async ValueTask VerifyManifestsAsync(SourceCatalog catalog, Dictionary<PackName, PackReader> packs, CancellationToken ct)
    {
        foreach (var entry in catalog.Manifests)
        {
            _coverage.Manifests++;
            await GuardAsync(entry.Name.ToString(), async () =>
            {
                var manifest = await repository.ReadManifestAsync(entry, ct);
                if (!packs.TryGetValue(manifest.Pack.Name, out var pack))
                {
                    Add(entry.Name.ToString(), $"its pack {manifest.Pack.Name} is missing or damaged", "This backup cannot be restored; the others are not affected.", isFatal: true);
                }
                else if (pack.Digest != manifest.Pack.TrailerDigest || pack.Trailer.PackLength != manifest.Pack.Bytes || pack.Trailer.FingerprintAfter != manifest.Fingerprint)
                {
                    Add(entry.Name.ToString(), $"its pack {manifest.Pack.Name} is not the one that it was written for", "Bring back the pack from a copy of the repository.", isFatal: true);
                }
            });
        }
    }

    private async ValueTask VerifyPositionsAsync(SourceCatalog catalog, CancellationToken ct)
    {
        var continued = catalog.Packs.Select(pack => pack.Name.From).ToHashSet();
        foreach (var position in catalog.Packs.Select(pack => pack.Name.To).Distinct())
        {
            await GuardAsync($"position {position} of source {catalog.Source.Name}", async () =>
            {
                var chain = catalog.ChainTo(position);
                _coverage.Positions++;
                if (!continued.Contains(position))
                {
                    await ProveFingerprintAsync(chain, ct);
                }
            });
        }
    }

    private async ValueTask ProveFingerprintAsync(PackChain chain, CancellationToken ct)
    {
        await using var reader = await ChainReader.OpenAsync(repository, chain, ct);
        var sum = UInt128.Zero;
        await foreach (var block in reader.ChooseAsync(ct))
        {
            foreach (var run in block.Chosen)
            {
                foreach (var hash in block.HashesOf(run))
                {
                    sum = unchecked(sum + hash.Value);
                }
            }
        }

        var found = Fingerprint.Of(reader.Shape, sum);
        if (found != reader.Fingerprint)
        {
            throw new PackFormatException(reader.Tip.Name, $"the pages of its chain add up to fingerprint {found}, expected {reader.Fingerprint}");
        }

        _coverage.FingerprintsProved++;
    }

    private async ValueTask DrillAsync(SourceCatalog catalog, CancellationToken ct)
    {
        if (catalog.NewestListed is null)
        {
            return;
        }

        var directory = CreateScratch();
        try
        {
            await GuardAsync($"source {catalog.Source.Name}", async () =>
            {
                var restore = new RestoreOptions { SourceName = catalog.Source.Name, OutputPath = Path.Join(directory.FullName, "drill.db"), Workers = options.Workers };
                RestoreResult result;
                try
                {
                    result = await new RestoreRun(repository, restore, time, progress).ExecuteAsync(ct);
                }
                catch (OperatorException e) when (e is { Kind: FailureKind.Failed, InnerException: IOException } && e.Message.Contains(directory.FullName, StringComparison.Ordinal))
                {
                    throw new OperatorException(
                        FailureKind.Failed,
                        $"The drill could not be finished, which says nothing about what is stored: {e.Message}",
                        "Name a directory with TMPDIR that has room for the database, and run it again.",
                        e);
                }

                _coverage.Drills++;
                foreach (var warning in result.Warnings)
                {
                    Add($"source {catalog.Source.Name}", warning, "The rest of the database was checked.", isFatal: false);
                }
            });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private DirectoryInfo CreateScratch()
    {
        var path = Path.Join(options.ScratchDirectory, $"backup-sidecar-drill-{Guid.NewGuid():N}");
        try
        {
            return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoScratch(options.ScratchDirectory, e.Message, e);
        }
    }

    private static OperatorException NoScratch(string directory, string reason, Exception? innerException) => new(
        FailureKind.Failed,
        $"The drill cannot restore to the temporary directory {directory}: {reason}",
        "Name a directory with TMPDIR that exists, that this user may write to, and that has room for the database.",
        innerException);

    private async ValueTask GuardAsync(string what, Func<ValueTask> check)
    {
        try
        {
            await check();
        }
        catch (OperatorException e)
        {
            Add(what, e.Message, e.Hint, isFatal: true);
        }
    }

    private void Add(string what, string problem, string hint, bool isFatal) => _findings.Add(new VerifyFinding(what, problem, hint, isFatal));

    private void ReportRead() => progress?.Report(new ProgressReport("read packs", _coverage.BytesRead, _bytesTotal));
}
