using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Repository;

namespace BackupSidecar.Compaction;

/// <summary>The open packs of a merge, oldest first, each of which continues the one before.</summary>
internal sealed class MergeInputs : IAsyncDisposable
{
    private readonly List<MergeInput> _inputs = [];

    public IReadOnlyList<MergeInput> All => _inputs;

    public PackReader First => _inputs[0].Pack;

    public PackReader Last => _inputs[^1].Pack;

    /// <exception cref="PackFormatException">It is not what its name promises, or does not continue the one before.</exception>
    public async ValueTask<PackReader> AddAsync(IRepositoryReader repository, PackName name, CancellationToken ct)
    {
        var stored = await repository.OpenPackAsync(name, ct);
        try
        {
            var pack = await ChainReader.ReadAsync(repository, stored, name, ct);
            if (_inputs is [.., var older])
            {
                ChainReader.EnsureContinues(pack, older.Pack);
            }

            _inputs.Add(new MergeInput(stored, pack, _inputs.Count, ct));
            return pack;
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var input in _inputs)
        {
            await input.DisposeAsync();
        }

        _inputs.Clear();
    }
}
