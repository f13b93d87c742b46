using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using Google.Protobuf.WellKnownTypes;

namespace BackupSidecar.Api;

/// <summary>Moments and spans, there and back; null is unset.</summary>
internal static class ProtoTime
{
    public static Timestamp? ToProto(DateTimeOffset? time) => time is { } at ? Timestamp.FromDateTimeOffset(at) : null;

    public static DateTimeOffset? FromProto(Timestamp? time) => time?.ToDateTimeOffset();

    /// <summary>A span that a caller gave, who may have given anything.</summary>
    /// <exception cref="ApiException">It is outside of what is allowed.</exception>
    public static TimeSpan Checked(Duration? given, TimeSpan unset, TimeSpan min, TimeSpan max, string field)
    {
        if (given is null)
        {
            return unset;
        }

        // What is no proper duration would throw when it is converted.
        var ticks = (Int128)given.Seconds * TimeSpan.TicksPerSecond + given.Nanos / TimeSpan.NanosecondsPerTick;
        return ticks >= min.Ticks && ticks <= max.Ticks
            ? TimeSpan.FromTicks((long)ticks)
            : throw new ApiException(
                ErrorReason.InvalidArgument, $"The {field} of {given.Seconds} s and {given.Nanos} ns is not allowed: {DurationText.Of(min)} to {DurationText.Of(max)}.", $"Leave it out for {DurationText.Of(unset)}.");
    }

    /// <summary>A moment that a caller gave, who may have given anything.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public static DateTimeOffset? Checked(Timestamp? given, string field)
    {
        try
        {
            return given?.ToDateTimeOffset();
        }
        catch (InvalidOperationException)
        {
            throw new ApiException(ErrorReason.InvalidArgument, $"The {field} of {given!.Seconds} s and {given.Nanos} ns is no moment: from year 1 to 9999.", "Give seconds since 1970 and nanoseconds from 0 to 999999999.");
        }
    }

    public static Duration? FromSeconds(double? seconds) => seconds is { } given ? Duration.FromTimeSpan(TimeSpan.FromSeconds(given)) : null;

    public static Duration? FromMilliseconds(double? milliseconds) => milliseconds is { } given ? Duration.FromTimeSpan(TimeSpan.FromMilliseconds(given)) : null;

    public static double? ToSeconds(Duration? span) => span?.ToTimeSpan().TotalSeconds;

    public static double? ToMilliseconds(Duration? span) => span?.ToTimeSpan().TotalMilliseconds;
}
