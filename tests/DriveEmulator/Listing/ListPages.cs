using System.Buffers.Text;
using System.Security.Cryptography;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>Lists that have more pages: what a next token stands for. A token may be used again; after a restart it is unknown.</summary>
internal sealed class ListPages
{
    /// <summary>Lists that nobody reads to the end are forgotten beyond this, the oldest first; their tokens are refused as Drive refuses old ones.</summary>
    private const int TokensMax = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ListPage> _byToken = new(StringComparer.Ordinal);
    private readonly Queue<string> _tokens = new();

    public string Keep(ListPage page)
    {
        var token = "~!!~" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        lock (_lock)
        {
            _byToken[token] = page;
            _tokens.Enqueue(token);
            if (_tokens.Count > TokensMax)
            {
                _byToken.Remove(_tokens.Dequeue());
            }
        }

        return token;
    }

    public ListPage? Find(string token)
    {
        lock (_lock)
        {
            return _byToken.GetValueOrDefault(token);
        }
    }
}
