using BackupSidecar.Primitives;

namespace BackupSidecar.Following;

/// <summary>
/// What was found damaged in the newest chains: a capture looks at headers and indexes only, so that it would go on building on blocks that a drill or a verification has
/// found to be damaged. A follower makes a full as soon as it stands here. Of this process only: after a restart, the next drill or verification finds it again.
/// </summary>
internal sealed class DamageBoard
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredDamage> _found = new(StringComparer.Ordinal);

    public StoredDamage? Of(string source)
    {
        lock (_lock)
        {
            return _found.GetValueOrDefault(source);
        }
    }

    /// <summary>What the newest position depends on still; null: nothing that is known to be damaged.</summary>
    public StoredDamage? OpenOf(string source) => Of(source) is { HealedAt: null } damage ? damage : null;

    /// <exception cref="OperatorException">The finding, while there is no full since.</exception>
    public void EnsureSound(string source)
    {
        if (OpenOf(source) is { } damage)
        {
            throw new OperatorException(
                FailureKind.VerificationFailed,
                $"What is stored of source '{source}' cannot be relied on: {damage.Message}",
                $"serve is making a new full of the live database: leave that in place and ask again. 'backup-sidecar status' shows when it is stored, or why it cannot be. {damage.Hint}");
        }
    }

    /// <param name="source">Its name.</param>
    /// <param name="finding">What is damaged.</param>
    /// <param name="begun">When whoever found it began to read: a full that was stored since is not what was read.</param>
    /// <returns>True: it was not known, and a full is to be made.</returns>
    public bool Found(string source, OperatorException finding, DateTimeOffset begun)
    {
        lock (_lock)
        {
            if (_found.TryGetValue(source, out var known) && (known.HealedAt is not { } healed || healed >= begun))
            {
                return false;
            }

            _found[source] = new StoredDamage(finding.Message.ReplaceLineEndings(" "), finding.Hint);
            return true;
        }
    }

    /// <summary>A full was stored.</summary>
    /// <returns>What it does not depend on; null: nothing was damaged.</returns>
    public StoredDamage? Healed(string source, ulong full, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (!_found.TryGetValue(source, out var known) || known.HealedAt is not null)
            {
                return null;
            }

            _found[source] = known with { Full = full, HealedAt = at };
            return known;
        }
    }

    /// <summary>Everything that is stored of it was read and is sound.</summary>
    public void Proved(string source, DateTimeOffset begun)
    {
        lock (_lock)
        {
            if (_found.TryGetValue(source, out var known) && known.HealedAt < begun)
            {
                _ = _found.Remove(source);
            }
        }
    }
}
