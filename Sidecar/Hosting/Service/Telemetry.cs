using BackupSidecar.Api;
using Microsoft.AspNetCore.Builder;
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
    public static Telemetry? AddTo(IServiceCollection services, ServiceSettings settings, IServedSidecar sidecar, TimeProvider time)
    {
        var isScraped = settings.MonitorListen is not null;
        var isPushed = Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 };
        if (!isScraped && !isPushed)
        {
            return null;
        }

        var metrics = new ServeMetrics(() => sidecar.Status, settings.MonitorNames, time);
        services.AddSingleton(metrics);
        services.AddOpenTelemetry().WithMetrics(builder =>
        {
            builder.AddMeter(ServeMetrics.MeterName);
            if (isScraped)
            {
                builder.AddPrometheusExporter();
            }

            if (isPushed)
            {
                builder.AddOtlpExporter();
            }
        });
        return new Telemetry(isScraped);
    }

    public void MapTo(IApplicationBuilder application)
    {
        if (_isScraped)
        {
            application.UseOpenTelemetryPrometheusScrapingEndpoint(static context => MonitorEndpoints.IsForMonitor(context) && context.Request.Path == MonitorEndpoints.Metrics);
        }
    }
}
