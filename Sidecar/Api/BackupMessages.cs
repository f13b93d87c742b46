using BackupSidecar.Contracts.V1;
using BackupSidecar.Repository;
using BackupSidecar.Verify;
using Google.Protobuf.WellKnownTypes;
using FindingKind = BackupSidecar.Verify.VerifyFindingKind;
using Level = BackupSidecar.Verify.VerifyLevel;

namespace BackupSidecar.Api;

/// <summary>Backups and what is proved of them, as the contract has them.</summary>
internal static class BackupMessages
{
    private const int FindingsMax = 200;

    /// <param name="source">Its name.</param>
    /// <param name="backup">One of its backups.</param>
    /// <param name="end">When it goes, if it is deleted.</param>
    public static Contracts.V1.Backup ToMessage(string source, KeptBackup backup, DateTimeOffset? end)
    {
        var message = new Contracts.V1.Backup
        {
            BackupId = backup.Id.ToString(),
            Source = source,
            SourceId = backup.Entry.Name.Source.ToString(),
            Position = RestoreMessages.ToMessage(backup.Entry.Name.Position),
            CreateTime = ProtoTime.ToProto(backup.Entry.Name.CreatedAt),
            Pinned = backup.IsPinned,
            Restorable = backup.IsRestorable,
            Problem = StatusBounds.Bound(backup.Problem?.Message ?? ""),
            DeleteTime = ProtoTime.ToProto(backup.DeletedAt),
            ExpireTime = ProtoTime.ToProto(end),
            Fingerprint = backup.Manifest?.Fingerprint.ToString() ?? "",
            Path = backup.Manifest?.Source.Path ?? "",
            Host = backup.Manifest?.Source.Host ?? "",
        };
        message.Labels.AddRange(backup.Labels);
        if (backup.Manifest is { } manifest)
        {
            message.DatabaseBytes = manifest.Shape.Bytes;
            message.StoredBytes = manifest.Stats.StoredBytes;
            message.Changed = manifest.Changed;
            message.Full = manifest.Changed && manifest.Pack.Name.IsFull;
            message.PageSizeBytes = manifest.Shape.PageSizeBytes;
            message.PageCount = manifest.Shape.PageCount;
        }

        return message;
    }

    public static VerifyReport ToMessage(VerifyResult result)
    {
        var covered = result.Coverage;
        var message = new VerifyReport
        {
            Proved = result.IsProved,
            Level = ToMessage(result.Level),
            SourceCount = covered.Sources,
            BackupCount = covered.Manifests,
            PackCount = covered.Packs,
            BlockCount = covered.Blocks,
            PageCount = covered.Pages,
            ReadBytes = covered.BytesRead,
            PositionCount = covered.Positions,
            FingerprintCount = covered.FingerprintsProved,
            DrillCount = covered.Drills,
            FindingCount = result.Findings.Count,
            Duration = Duration.FromTimeSpan(result.Duration),
        };

        // The gravest first: they are what a bound must not hide.
        message.Findings.AddRange(result.Findings.OrderByDescending(finding => finding.Kind).Take(FindingsMax).Select(finding => new Contracts.V1.VerifyFinding
        {
            Object = StatusBounds.Bound(finding.Object),
            Problem = StatusBounds.Bound(finding.Problem),
            Hint = StatusBounds.Bound(finding.Hint),
            Kind = finding.Kind switch
            {
                FindingKind.Note => Contracts.V1.VerifyFindingKind.Note,
                FindingKind.NotChecked => Contracts.V1.VerifyFindingKind.NotChecked,
                _ => Contracts.V1.VerifyFindingKind.Damage,
            },
        }));
        return message;
    }

    /// <summary>There and back, for the command line.</summary>
    public static VerifyResult FromMessage(VerifyReport report) => new(
        FromMessage(report.Level),
        new VerifyCoverage
        {
            Sources = report.SourceCount,
            Manifests = report.BackupCount,
            Packs = report.PackCount,
            Blocks = report.BlockCount,
            Pages = report.PageCount,
            BytesRead = report.ReadBytes,
            Positions = report.PositionCount,
            FingerprintsProved = report.FingerprintCount,
            Drills = report.DrillCount,
        },
        [.. report.Findings.Select(finding => new Verify.VerifyFinding(finding.Object, finding.Problem, finding.Hint, finding.Kind switch
        {
            Contracts.V1.VerifyFindingKind.Note => FindingKind.Note,
            Contracts.V1.VerifyFindingKind.NotChecked => FindingKind.NotChecked,
            _ => FindingKind.Damage,
        }))],
        Drills: [],
        report.Duration.ToTimeSpan());

    public static Contracts.V1.VerifyLevel ToMessage(Level level) => level switch
    {
        Level.Structure => Contracts.V1.VerifyLevel.Structure,
        Level.Drill => Contracts.V1.VerifyLevel.Drill,
        _ => Contracts.V1.VerifyLevel.Data,
    };

    /// <exception cref="ApiException">It is unknown.</exception>
    public static Level FromMessage(Contracts.V1.VerifyLevel level) => level switch
    {
        Contracts.V1.VerifyLevel.Structure => Level.Structure,
        Contracts.V1.VerifyLevel.Unspecified or Contracts.V1.VerifyLevel.Data => Level.Data,
        Contracts.V1.VerifyLevel.Drill => Level.Drill,
        _ => throw new ApiException(ErrorReason.InvalidArgument, $"The level {(int)level} is unknown: structure, data and drill are allowed.", "Use a client of the version of the sidecar."),
    };
}
