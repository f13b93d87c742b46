using System.Buffers.Text;
using System.Security.Cryptography;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>Ids of 33 characters, as Drive's. Drive takes in a create only ids that it has made itself; these carry a mark by which they are known again.</summary>
internal sealed class FileIds
{
    private const int RandomBytes = 18;
    private const int MarkBytes = 6;

    private readonly byte[] _key;

    public FileIds(string keyPath)
    {
        if (!File.Exists(keyPath))
        {
            AtomicFile.Write(keyPath, RandomNumberGenerator.GetBytes(32));
        }

        _key = File.ReadAllBytes(keyPath);
    }

    public string Next()
    {
        var id = new byte[RandomBytes + MarkBytes];
        RandomNumberGenerator.Fill(id.AsSpan(0, RandomBytes));
        Mark(id.AsSpan(0, RandomBytes)).CopyTo(id, RandomBytes);
        return "1" + Base64Url.EncodeToString(id);
    }

    /// <summary>Made by this emulator, whether or not it is used.</summary>
    public bool IsOurs(string id)
    {
        var bytes = new byte[RandomBytes + MarkBytes];
        return id.Length == 33
            && id[0] == '1'
            && Base64Url.IsValid(id.AsSpan(1))
            && Base64Url.TryDecodeFromChars(id.AsSpan(1), bytes, out var written)
            && written == bytes.Length
            && bytes.AsSpan(RandomBytes).SequenceEqual(Mark(bytes.AsSpan(0, RandomBytes)));
    }

    /// <summary>The same id for the same text, in 19 characters as Drive's: roots of accounts and of shared drives.</summary>
    public string ForRoot(string text) =>
        "0A" + Base64Url.EncodeToString(HMACSHA256.HashData(_key, System.Text.Encoding.UTF8.GetBytes(text)))[..13] + "9PVA";

    private byte[] Mark(ReadOnlySpan<byte> random) => HMACSHA256.HashData(_key, random)[..MarkBytes];
}
