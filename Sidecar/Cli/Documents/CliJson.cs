using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>One object a line, names in camel case, times in UTC by RFC 3339; what is outside ASCII is escaped, so that no terminal or log can spoil it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = false, Converters = [typeof(RfcTimeConverter)])]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(WarningLine))]
[JsonSerializable(typeof(DoubtLine))]
[JsonSerializable(typeof(ErrorLine))]
[JsonSerializable(typeof(BackupSummary))]
[JsonSerializable(typeof(ListSummary))]
[JsonSerializable(typeof(PointLine))]
[JsonSerializable(typeof(RestoreSummary))]
[JsonSerializable(typeof(VerifySummary))]
[JsonSerializable(typeof(InspectSummary))]
[JsonSerializable(typeof(StatusSummary))]
[JsonSerializable(typeof(StatusLine))]
[JsonSerializable(typeof(DoctorSummary))]
[JsonSerializable(typeof(EnsureDurableSummary))]
[JsonSerializable(typeof(RestoresSummary))]
[JsonSerializable(typeof(RestoresLine))]
[JsonSerializable(typeof(RestorePlanSummary))]
[JsonSerializable(typeof(RestorePointsSummary))]
[JsonSerializable(typeof(LifecycleSummary))]
[JsonSerializable(typeof(WishLine))]
[JsonSerializable(typeof(BackupDetailSummary))]
[JsonSerializable(typeof(SourcesSummary))]
[JsonSerializable(typeof(WhoAmISummary))]
[JsonSerializable(typeof(ConfigurationSummary))]
[JsonSerializable(typeof(ProbeSummary))]
internal sealed partial class CliJson : JsonSerializerContext;
