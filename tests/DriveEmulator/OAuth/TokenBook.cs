using System.Collections.Concurrent;
using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>All tokens that the emulator has issued.</summary>
internal sealed class TokenBook
{
    private readonly ConcurrentDictionary<string, Caller> _access = new();

    /// <summary>Null: unknown, expired or revoked.</summary>
    public Caller? Find(string token) => _access.GetValueOrDefault(token);
}
