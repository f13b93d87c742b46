using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>Writes a body to disk and hashes it on the way, a block at a time: never a whole file in memory.</summary>
/// <remarks>Between two bodies of one upload the hashes stay in memory and the file is closed. After a restart they are computed again from what is stored.</remarks>
internal sealed class ContentWriter : IDisposable
{
    /// <summary>What is stored of an unfinished upload is a whole number of these, and so are the pieces that a client sends.</summary>
    public const int BlockBytes = 256 << 10;

    private readonly string _path;
    private readonly bool _hashesSha256;
    private IncrementalHash? _md5;
    private IncrementalHash? _sha256;

    private ContentWriter(string path, bool hashesSha256)
    {
        _path = path;
        _hashesSha256 = hashesSha256;
    }

    /// <summary>Bytes written and hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Writes from the start, whatever was there.</summary>
    public static ContentWriter Create(string path, bool hashesSha256)
    {
        File.WriteAllBytes(path, []);
        var writer = new ContentWriter(path, hashesSha256);
        writer.StartHashes();
        return writer;
    }

    /// <summary>Goes on where an earlier process stopped: at the last whole block.</summary>
    public static ContentWriter Continue(string path, bool hashesSha256)
    {
        using (var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            var stored = RandomAccess.GetLength(file);
            RandomAccess.SetLength(file, stored - (stored % BlockBytes));
            return new ContentWriter(path, hashesSha256) { Length = stored - (stored % BlockBytes) };
        }
    }

    /// <summary>Takes a body: whole blocks as they come, and what is left at its end if <paramref name="isLast"/>.</summary>
    /// <remarks>While one block comes in, the one before it is hashed and written, on threads of their own.</remarks>
    /// <param name="skip">Bytes at its start that are stored already.</param>
    /// <param name="max">Bytes after them that are stored; the rest is read and forgotten.</param>
    /// <exception cref="IOException">The body broke off; the whole blocks before are stored.</exception>
    public async Task AppendAsync(Stream body, long skip, long max, bool isLast, CancellationToken ct)
    {
        await EnsureHashesAsync(ct);
        using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.Read);
        var (block, other) = (ArrayPool<byte>.Shared.Rent(BlockBytes), ArrayPool<byte>.Shared.Rent(BlockBytes));
        var storing = Task.CompletedTask;
        try
        {
            await SkipAsync(body, skip, block, ct);
            for (var left = max; ;)
            {
                var read = await body.ReadAtLeastAsync(block.AsMemory(0, BlockBytes), BlockBytes, throwOnEndOfStream: false, ct);
                var taken = (int)Math.Min(read, left);
                left -= taken;
                await storing;
                if (taken == BlockBytes || (isLast && taken > 0))
                {
                    storing = StoreAsync(file, block.AsMemory(0, taken));
                    (block, other) = (other, block);
                }

                if (read < BlockBytes)
                {
                    return;
                }
            }
        }
        finally
        {
            await storing;
            ArrayPool<byte>.Shared.Return(block);
            ArrayPool<byte>.Shared.Return(other);
        }
    }

    /// <summary>What has been written, as content of a name.</summary>
    public async Task<FileContent> FinishAsync(string name, CancellationToken ct)
    {
        await EnsureHashesAsync(ct);
        return new FileContent(name, Length, Convert.ToHexStringLower(_md5!.GetCurrentHash()), _sha256 is null ? null : Convert.ToHexStringLower(_sha256.GetCurrentHash()));
    }

    public void Dispose()
    {
        _md5?.Dispose();
        _sha256?.Dispose();
    }

    private static async Task SkipAsync(Stream body, long count, byte[] block, CancellationToken ct)
    {
        while (count > 0)
        {
            var read = await body.ReadAsync(block.AsMemory(0, (int)Math.Min(count, BlockBytes)), ct);
            if (read == 0)
            {
                return;
            }

            count -= read;
        }
    }

    /// <summary>Not cancelled: what is hashed must be stored as well.</summary>
    private async Task StoreAsync(SafeFileHandle file, ReadOnlyMemory<byte> bytes)
    {
        var write = RandomAccess.WriteAsync(file, bytes, Length, CancellationToken.None);
        var hash = Task.Run(() => Hash(bytes.Span), CancellationToken.None);
        await Task.WhenAll(write.AsTask(), hash);
        Length += bytes.Length;
    }

    private void Hash(ReadOnlySpan<byte> bytes)
    {
        _md5!.AppendData(bytes);
        _sha256?.AppendData(bytes);
    }

    private void StartHashes()
    {
        _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        _sha256 = _hashesSha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    private async Task EnsureHashesAsync(CancellationToken ct)
    {
        if (_md5 is not null)
        {
            return;
        }

        StartHashes();
        await using var stored = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous);
        var block = new byte[BlockBytes];
        for (int read; (read = await stored.ReadAsync(block, ct)) > 0;)
        {
            Hash(block.AsSpan(0, read));
        }
    }
}
