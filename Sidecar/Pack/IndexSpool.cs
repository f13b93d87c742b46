using System.Security.Cryptography;

namespace BackupSidecar.Pack;

/// <summary>The index of a pack while its blocks are written: in memory as long as it is small, then in a temporary file, so that memory does not grow with the database.</summary>
/// <param name="createFile">Called once the index outgrows the memory: an empty, readable, writable, seekable file. Disposed here.</param>
internal sealed class IndexSpool(Func<Stream> createFile) : IAsyncDisposable
{
    /// <summary>The entries of about four thousand pages: a capture of a few commits needs no file. Larger than any entry.</summary>
    public const int BufferedBytes = 64 * 1024;

    private readonly byte[] _buffer = PackBuffers.Rent(BufferedBytes);
    private int _buffered;
    private Stream? _file;

    public async ValueTask AddAsync(BlockEntry entry)
    {
        if (_buffered + entry.Size > BufferedBytes)
        {
            await SpillAsync();
        }

        entry.Write(_buffer.AsSpan(_buffered, entry.Size));
        _buffered += entry.Size;
    }

    /// <summary>Writes all entries, and adds them to the digest. Called once, after the last entry.</summary>
    /// <returns>Their bytes.</returns>
    public async ValueTask<long> CopyToAsync(Stream output, IncrementalHash digest, CancellationToken ct)
    {
        if (_file is not null)
        {
            await SpillAsync();
            _file.Position = 0;
            _buffered = await FillAsync(_file, ct);
        }

        var length = 0L;
        while (_buffered > 0)
        {
            digest.AppendData(_buffer, 0, _buffered);
            await output.WriteAsync(_buffer.AsMemory(0, _buffered), ct);
            length += _buffered;
            _buffered = _file is null ? 0 : await FillAsync(_file, ct);
        }

        return length;
    }

    public async ValueTask DisposeAsync()
    {
        await (_file?.DisposeAsync() ?? ValueTask.CompletedTask);
        PackBuffers.Return(_buffer);
    }

    private async ValueTask SpillAsync()
    {
        _file ??= createFile();
        await _file.WriteAsync(_buffer.AsMemory(0, _buffered));
        _buffered = 0;
    }

    private ValueTask<int> FillAsync(Stream file, CancellationToken ct) => file.ReadAsync(_buffer.AsMemory(0, BufferedBytes), ct);
}
