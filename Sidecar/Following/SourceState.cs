using System.Text.Json.Serialization;

namespace BackupSidecar.Following;

/// <summary>What is going on with a source, in one word.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SourceState>))]
internal enum SourceState
{
    Unspecified = 0,

    /// <summary>Its state is being read, or the first capture is going on.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>An app has the database open, and its commits are captured.</summary>
    [JsonStringEnumMemberName("following")]
    Following,

    /// <summary>Everything is captured, and no app has the database open, or there is no database yet.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>The configuration says <c>enabled: false</c>.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>The last try failed; another follows.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>The final capture is being made.</summary>
    [JsonStringEnumMemberName("ending")]
    Ending,

    /// <summary>It is followed no more.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,
}
