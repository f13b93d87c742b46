using System.Collections;
using BackupSidecar.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace BackupSidecar.Hosting.Service;

/// <summary>Metrics by OpenTelemetry, where somebody collects them: at the address for monitoring, or by OTLP where the environment names a collector. Without either nothing of it is made.</summary>
internal sealed class Telemetry
{
    /// <summary>As the specification of OpenTelemetry names it; the exporter reads this and its relatives itself.</summary>
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly bool _isScraped;

    private Telemetry(bool isScraped) => _isScraped = isScraped;

    /// <returns>Null: nobody collects.</returns>
    public static Telemetry? AddTo(WebApplicationBuilder builder, ServiceSettings settings, IServedSidecar sidecar, TimeProvider time)
    {
        var services = builder.Services;
        var isScraped = settings.MonitorListen is not null;
        var isPushed = Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 };
        if (!isScraped && !isPushed)
        {
            return null;
        }

        builder.Configuration.AddInMemoryCollection(ExporterSettings());
        services.AddSingleton(_ => new ServeMetrics(() => sidecar.Status, settings.MonitorNames, time));
        services.AddOpenTelemetry().WithMetrics(meters =>
        {
            meters.AddMeter(ServeMetrics.MeterName);
            if (isScraped)
            {
                meters.AddPrometheusExporter();
            }

            if (isPushed)
            {
                meters.AddOtlpExporter();
            }
        });
        return new Telemetry(isScraped);
    }

    public void MapTo(IApplicationBuilder application)
    {
        // Made by the host, which disposes of it: meters of one name are collected by every host of the process.
        _ = application.ApplicationServices.GetRequiredService<ServeMetrics>();
        if (_isScraped)
        {
            application.UseOpenTelemetryPrometheusScrapingEndpoint(static context => MonitorEndpoints.IsForMonitor(context) && context.Request.Path == MonitorEndpoints.Metrics);
        }
    }

    /// <summary>OpenTelemetry reads the configuration of the host, which holds nothing of the environment: its own variables are handed over, and a name of the service for who gave none.</summary>
    private static Dictionary<string, string?> ExporterSettings()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["OTEL_SERVICE_NAME"] = "backup-sidecar" };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                settings[name] = variable.Value as string;
            }
        }

        return settings;
    }
}
