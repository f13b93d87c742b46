using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BackupSidecar.Client;

/// <summary>What an app adds to its services.</summary>
public static class BackupSidecarServiceExtensions
{
    private const string LogCategory = "BackupSidecar.Client";

    /// <summary>
    /// Adds the client of a sidecar, <see cref="IBackupSidecar"/>, with a hosted service and the health check "backup_sidecar". The app then calls <see cref="BackupSidecarHostExtensions.PrepareDatabaseAsync"/> right after Build(); without that it does
    /// not start.
    /// </summary>
    /// <param name="services">Of a web application or any other host.</param>
    /// <param name="configure">Sets options; null: all come from their defaults, the environment and the configuration of the app.</param>
    /// <exception cref="InvalidOperationException">It was called before: an app has one sidecar and one source.</exception>
    public static IServiceCollection AddBackupSidecar(this IServiceCollection services, Action<BackupSidecarOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(BackupSidecarClient)))
        {
            throw new InvalidOperationException("AddBackupSidecar was called twice: an app has one sidecar and one source. Call it once.");
        }

        var options = services.AddOptions<BackupSidecarOptions>();
        if (configure is not null)
        {
            _ = options.Configure(configure);
        }

        _ = services.AddSingleton<IPostConfigureOptions<BackupSidecarOptions>>(provider => new ConnectionStringOptions(provider.GetService<IConfiguration>()));
        _ = services.AddSingleton<IValidateOptions<BackupSidecarOptions>, OptionsValidation>();
        _ = services.AddSingleton(provider => new BackupSidecarClient(OptionsOf(provider), LogOf(provider), TimeOf(provider), new Random()));
        _ = services.AddSingleton<IBackupSidecar>(provider => provider.GetRequiredService<BackupSidecarClient>());
        _ = services.AddHealthChecks();
        _ = services.AddOptions<HealthCheckServiceOptions>().Configure<IServiceProvider>((checks, provider) => checks.Registrations.Add(new HealthCheckRegistration(
            SidecarHealthCheck.Name, services => new SidecarHealthCheck(services.GetRequiredService<BackupSidecarClient>()), OptionsOf(provider).HealthCheckFailureStatus, tags: null)));
        _ = services.AddHostedService(provider => new SidecarHostedService(
            provider.GetRequiredService<BackupSidecarClient>(),
            provider.GetRequiredService<HealthCheckService>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            OptionsOf(provider),
            LogOf(provider),
            TimeOf(provider),
            new Random()));
        return services;
    }

    private static BackupSidecarOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<BackupSidecarOptions>>().Value;

    private static ILogger LogOf(IServiceProvider provider) => provider.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory);

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
