using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace BackupSidecar.Client;

/// <summary>Takes address and source from a connection string of the app's configuration, where nothing else has set them.</summary>
/// <param name="configuration">Null: the app has none.</param>
internal sealed class ConnectionStringOptions(IConfiguration? configuration) : IPostConfigureOptions<BackupSidecarOptions>
{
    private const string EndpointKey = "Endpoint";
    private const string SourceKey = "Source";

    public void PostConfigure(string? name, BackupSidecarOptions options)
    {
        if (options.Address.Length > 0 || configuration?.GetConnectionString(options.ConnectionName) is not { Length: > 0 } text)
        {
            return;
        }

        var (address, source) = Read(text);
        options.Address = address;
        options.Source = options.Source.Length > 0 ? options.Source : source;
    }

    /// <summary>What has no keys is the address itself; so is what cannot be read, for the validation to name it.</summary>
    private static (string Address, string Source) Read(string text)
    {
        var pairs = new DbConnectionStringBuilder();
        try
        {
            pairs.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return (text, "");
        }

        return pairs.TryGetValue(EndpointKey, out var address) ? ((string)address, pairs.TryGetValue(SourceKey, out var source) ? (string)source : "") : (text, "");
    }
}
