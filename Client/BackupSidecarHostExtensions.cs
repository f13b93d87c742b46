using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackupSidecar.Client;

/// <summary>What an app calls before it opens its database.</summary>
public static class BackupSidecarHostExtensions
{
    /// <summary>
    /// Gets the database from the sidecar: puts a restore in place that is staged, takes one back that was not confirmed, fills a database that is missing. When it returns, the database may be opened; only then. To be called right after Build(),
    /// before migrations. Under design-time tools, such as <c>dotnet ef</c>, it does nothing.
    /// </summary>
    /// <param name="host">A web application or any other host whose services have AddBackupSidecar.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>What was done; the same at every call.</returns>
    /// <exception cref="BackupSidecarException">The database may not be opened: the app must not start.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are wrong; the message names each.</exception>
    /// <exception cref="InvalidOperationException">AddBackupSidecar was not called.</exception>
    public static Task<PreparedDatabase> PrepareDatabaseAsync(this IHost host, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        var client = host.Services.GetService<BackupSidecarClient>()
            ?? throw new InvalidOperationException("AddBackupSidecar was not called. Add 'builder.Services.AddBackupSidecar(…);' before Build().");
        return client.PrepareDatabaseAsync(ct);
    }
}
