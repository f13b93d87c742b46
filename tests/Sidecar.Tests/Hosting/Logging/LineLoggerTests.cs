using System.Text.Json.Nodes;
using BackupSidecar.Hosting;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Primitives;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Logging;

/// <summary>One line an event, for people or for programs.</summary>
public sealed class LineLoggerTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, 5, TimeSpan.Zero));

    public void Dispose() => _out.Dispose();

    [Fact]
    public void People_get_time_level_message_and_hint_in_one_line()
    {
        var log = Log(LogFormat.Text);

        HostingLog.SourceFailed(log, new OperatorException(FailureKind.Failed, "x", "Do\nthis."), "app", "two\nlines", "1s");

        Assert.Equal("2026-03-01T12:00:00.005Z warning source 'app' failed: two lines; next try in 1s hint: Do this.\n", _out.ToString());
    }

    [Fact]
    public void Programs_get_an_object_with_the_values()
    {
        var log = Log(LogFormat.Json);

        HostingLog.Started(log, 3, "/r \"quoted\"", "/s");

        var line = JsonNode.Parse(_out.ToString())!;
        Assert.Equal(("2026-03-01T12:00:00.005Z", "info", "Started"), ((string?)line["time"], (string?)line["level"], (string?)line["event"]));
        Assert.Equal((3, "/r \"quoted\""), ((int?)line["sources"], (string?)line["repository"]));
        Assert.Single(_out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void What_is_less_important_than_the_level_is_not_written()
    {
        var log = new LineLogger(_out, new LogOptions { Level = LogLevelName.Warning }, _time);

        HostingLog.Reloaded(log);

        Assert.Empty(_out.ToString());
    }

    private LineLogger Log(LogFormat format) => new(_out, new LogOptions { Format = format }, _time);
}
