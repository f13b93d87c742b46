using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Xunit;

namespace BackupSidecar.EndToEnd.Publishing;

/// <summary>The bill of materials beside the published program, held against the lock file and against the libraries themselves.</summary>
public sealed class BillOfMaterialsTests
{
    [Fact]
    public void Every_locked_package_is_in_it_and_the_linked_frameworks_and_nothing_else()
    {
        using var bill = Read();
        var root = bill.RootElement;
        Assert.Equal(("CycloneDX", "1.6"), (root.GetProperty("bomFormat").GetString(), root.GetProperty("specVersion").GetString()));
        var listed = Components(root).Where(component => Text(component, "purl").StartsWith("pkg:nuget/", StringComparison.Ordinal)).Select(NameAndVersion).ToList();
        var runtime = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        var compiler = LockedPackages(runtime).Single(package => package.Name == "Microsoft.DotNet.ILCompiler");

        Assert.Equal(
            LockedPackages(runtime)
                .Append(("Microsoft.NETCore.App.Runtime.NativeAOT." + runtime, compiler.Version))
                .Append(("Microsoft.AspNetCore.App.Runtime." + runtime, compiler.Version))
                .Order(),
            listed.Order());
    }

    [Theory]
    [InlineData("sqlite", "libe_sqlite3.so", "sqlite3_libversion")]
    [InlineData("zstd", "libzstd.so", "ZSTD_versionString")]
    public unsafe void A_native_library_is_listed_as_what_it_says_it_is(string name, string file, string function)
    {
        using var bill = Read();
        var component = Components(bill.RootElement).Single(component => Text(component, "name") == name);
        var path = Path.Combine(Path.GetDirectoryName(SidecarBinary.Current.Path)!, file);
        var library = NativeLibrary.Load(path);

        var version = Marshal.PtrToStringAnsi(((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, function))());

        Assert.Equal(version, Text(component, "version"));
        Assert.Contains($":{version}:", Text(component, "cpe"), StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))), Text(component.GetProperty("hashes")[0], "content"));
    }

    [Fact]
    public void Tools_of_the_build_are_told_from_what_is_in_the_program()
    {
        using var bill = Read();

        var excluded = Components(bill.RootElement).Where(component => Text(component, "scope") == "excluded").Select(component => Text(component, "name")).ToList();

        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", excluded);
        Assert.DoesNotContain("Google.Protobuf", excluded);
        Assert.DoesNotContain("SQLite", excluded);
    }

    private static JsonDocument Read()
    {
        Assert.SkipUnless(SidecarBinary.Current.IsPublished, $"{SidecarBinary.Setting} is not set to a published program.");
        return JsonDocument.Parse(File.ReadAllBytes(SidecarBinary.Current.Path + ".cdx.json"));
    }

    private static JsonElement.ArrayEnumerator Components(JsonElement root) => root.GetProperty("components").EnumerateArray();

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static (string Name, string Version) NameAndVersion(JsonElement component) => (Text(component, "name"), Text(component, "version"));

    private static IEnumerable<(string Name, string Version)> LockedPackages(string runtime)
    {
        using var locked = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Solution.Root, "Sidecar", "packages.lock.json")));
        return [.. locked.RootElement.GetProperty("dependencies").EnumerateObject()
            .Where(target => target.Name == "net10.0" || target.Name == "net10.0/" + runtime)
            .SelectMany(target => target.Value.EnumerateObject())
            .Where(package => Text(package.Value, "type") != "Project")
            .Select(package => (package.Name, Text(package.Value, "resolved")))
            .Distinct()];
    }
}
