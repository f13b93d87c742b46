using Google.Apis.Http;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>Makes the library's HTTP client with our gate in it, and without its own retries.</summary>
internal sealed class DriveHttpClientFactory(DriveBudget budget, TimeSpan patience, TimeProvider time, Func<HttpMessageHandler, HttpMessageHandler> wire) : HttpClientFactory
{
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new DriveGate(budget, patience, time, wire(new SocketsHttpHandler
    {
        // Redirects would carry the token elsewhere; Drive's own 308 is none.
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        UseCookies = false,
    }));
}
