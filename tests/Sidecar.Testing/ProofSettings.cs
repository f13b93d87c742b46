using System.Globalization;

namespace BackupSidecar.Testing;

/// <summary>How much the proofs do, and from which seed: by environment variables, so that a failure can be run again and a night can be filled.</summary>
internal static class ProofSettings
{
    /// <summary>A number; without it, a new one for each run.</summary>
    public const string SeedSetting = "BACKUPSIDECAR_PROOF_SEED";

    /// <summary>1: what a commit is checked with. More: as many times as much work, and nothing left out.</summary>
    public const string ScaleSetting = "BACKUPSIDECAR_PROOF_SCALE";

    public static int Scale => Read(ScaleSetting) is { } scale and > 0 ? scale : 1;

    /// <summary>True in the long form: loops that the short form thins out are run whole.</summary>
    public static bool IsWhole => Scale > 1;

    /// <summary>The seed, which whoever draws from it prints.</summary>
    public static int NewSeed() => Read(SeedSetting) ?? Environment.TickCount;

    private static int? Read(string setting) =>
        int.TryParse(Environment.GetEnvironmentVariable(setting), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
