using System.Collections.Concurrent;
using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Serve;

/// <summary>What is stored of each source, as it was counted last.</summary>
internal sealed class StoredAmounts
{
    private readonly ConcurrentDictionary<string, StoredAmount> _amounts = new(StringComparer.Ordinal);

    public void Set(string source, StoredAmount amount) => _amounts[source] = amount;

    /// <returns>Null: it has not been counted yet.</returns>
    public StoredAmount? Of(string source) => _amounts.GetValueOrDefault(source);
}
