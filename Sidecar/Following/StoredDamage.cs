namespace BackupSidecar.Following;

/// <summary>Damage that was found in what the newest position of a source needs.</summary>
/// <param name="Message">The finding.</param>
/// <param name="Hint">What to do about it.</param>
/// <param name="Full">The number of the full that was made since, which needs nothing older; null: none yet.</param>
/// <param name="HealedAt">When that was stored.</param>
internal sealed record StoredDamage(string Message, string Hint, ulong? Full = null, DateTimeOffset? HealedAt = null);
