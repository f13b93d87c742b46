using System.Globalization;
using BackupSidecar.Client;
using BackupSidecar.ClientApp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

// A worker that is as well or as ill as its arguments say, such as --check unhealthy.
var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;
builder.Services.AddBackupSidecar(options =>
{
    options.Source = settings["source"] ?? "";
    options.DatabasePath = settings["database"] ?? "";
    options.AppVersion = settings["version"] ?? "";
    options.WhenUnreachable = settings["without"] is { } without ? Enum.Parse<WhenUnreachable>(without) : options.WhenUnreachable;
    options.UnreachableAfter = Seconds("unreachable", options.UnreachableAfter);
    options.PrepareTimeout = Seconds("patience", options.PrepareTimeout);
    options.RestartPause = Seconds("pause", options.RestartPause);
    options.ExtendConfirmationBy = Seconds("extend", options.ExtendConfirmationBy);
    options.HealthCheckInterval = TimeSpan.FromMilliseconds(50);
    options.ConfirmWhenHealthy = settings["confirm"] is not "by-hand";
});
builder.Services.AddHealthChecks().AddAsyncCheck("played", async ct =>
{
    if (settings["check"] is "hanging")
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
    }

    return settings["check"] is "unhealthy" ? HealthCheckResult.Unhealthy("as the test says") : HealthCheckResult.Healthy();
});

builder.Services.AddSingleton<IHealthCheckPublisher, PrintedHealth>();
builder.Services.Configure<HealthCheckPublisherOptions>(publishing => (publishing.Delay, publishing.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));

using var host = builder.Build();
if (settings["prepare"] is not "never")
{
    var prepared = await host.PrepareDatabaseAsync();
    Console.WriteLine($"prepared {prepared.Preparation} {prepared.RestoreId}");
    Console.WriteLine($"confirm within {(prepared.ConfirmBy - TimeProvider.System.GetUtcNow())?.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) ?? "ever"}");
}

if (settings["start"] is "hanging")
{
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
}

await host.RunAsync();
return Environment.ExitCode;

TimeSpan Seconds(string name, TimeSpan otherwise) => settings[name] is { } text ? TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture)) : otherwise;
