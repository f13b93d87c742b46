using Google.Protobuf.WellKnownTypes;

namespace BackupSidecar.Api;

/// <summary>Moments and spans, there and back; null is unset.</summary>
internal static class ProtoTime
{
    public static Timestamp? ToProto(DateTimeOffset? time) => time is { } at ? Timestamp.FromDateTimeOffset(at) : null;

    public static DateTimeOffset? FromProto(Timestamp? time) => time?.ToDateTimeOffset();

    public static Duration? FromSeconds(double? seconds) => seconds is { } given ? Duration.FromTimeSpan(TimeSpan.FromSeconds(given)) : null;

    public static Duration? FromMilliseconds(double? milliseconds) => milliseconds is { } given ? Duration.FromTimeSpan(TimeSpan.FromMilliseconds(given)) : null;

    public static double? ToSeconds(Duration? span) => span?.ToTimeSpan().TotalSeconds;

    public static double? ToMilliseconds(Duration? span) => span?.ToTimeSpan().TotalMilliseconds;
}
