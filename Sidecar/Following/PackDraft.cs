using BackupSidecar.Backup;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Following;

/// <summary>A pack that is begun with its first page, so that a capture which finds nothing different stages nothing. Disposing it before it is published discards it.</summary>
internal sealed class PackDraft(BackupRepository repository, StateDirectory state, PackHeader header) : IAsyncDisposable
{
    private PackUpload? _upload;
    private PackWriter? _writer;

    public PackName Name { get; } = new(header.Source, header.From, header.To, header.CaptureTimeMicroseconds, header.Pack);

    public async ValueTask AddAsync(IEnumerable<PagePiece> pieces, CancellationToken ct)
    {
        foreach (var piece in pieces)
        {
            var writer = await BeginAsync(ct);
            await writer.AddAsync(piece.FirstPage, piece.Pages, piece.Hashes, ct);
        }
    }

    public async ValueTask<PackSummary> CompleteAsync(Fingerprint before, Fingerprint after, CancellationToken ct)
    {
        var writer = await BeginAsync(ct);
        return await writer.CompleteAsync(before, after, ct);
    }

    /// <summary>From here on the position exists.</summary>
    public ValueTask PublishAsync(CancellationToken ct) => _upload!.PublishAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await (_writer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_upload?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async ValueTask<PackWriter> BeginAsync(CancellationToken ct)
    {
        if (_writer is null)
        {
            _upload = await repository.StagePackAsync(Name, ct);
            _writer = new PackWriter(_upload.Content, state.CreateSpool, header, encoders: 1);
        }

        return _writer;
    }
}
