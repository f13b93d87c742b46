using BackupSidecar.Primitives;

namespace BackupSidecar.Tests.Capture;

/// <summary>What a capture said of an image: its fingerprint, and the pages that differ from the baseline.</summary>
internal sealed record CaptureOutcome(Fingerprint Fingerprint, SortedDictionary<uint, byte[]> Changed);
