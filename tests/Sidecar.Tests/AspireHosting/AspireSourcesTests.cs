using BackupSidecar.Tests.Architecture;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace BackupSidecar.Tests.AspireHosting;

/// <summary>The sources that only a machine with Aspire's packages can compile are at least C#, and the solution leaves them alone.</summary>
public sealed class AspireSourcesTests
{
    private static readonly string[] Projects = ["AspireHosting/BackupSidecar.AspireHosting.csproj", "AppHost/AppHost.csproj", "tests/AspireHosting.Tests/AspireHosting.Tests.csproj"];

    /// <summary>What is compiled only where the packages for publishing are.</summary>
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest, preprocessorSymbols: ["PUBLISHERS"]);

    private static string Root => CompilerInputs.FindRoot();

    public static TheoryData<string> Sources() =>
        [.. Projects.Select(Path.GetDirectoryName).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder!), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or ".data"))];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Each_file_is_C_sharp(string file)
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Root, file)), Options, file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.DoesNotContain(tree.GetDiagnostics(TestContext.Current.CancellationToken), diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    [Fact]
    public void What_both_sides_share_names_no_type_of_Aspire()
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Root, "AspireHosting/SidecarNames.cs")), Options, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes().OfType<UsingDirectiveSyntax>());
    }

    [Fact]
    public void The_solution_names_the_projects_and_builds_none_of_them()
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "BackupSidecar.sln"));
        foreach (var project in Projects)
        {
            var id = Assert.Single(lines, line => line.Contains($"\"{project.Replace('/', '\\')}\"", StringComparison.Ordinal)).Split('"')[^2];

            Assert.Contains(lines, line => line.Contains(id, StringComparison.Ordinal) && line.Contains(".ActiveCfg", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.Contains(id, StringComparison.Ordinal) && line.Contains(".Build.0", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Nothing_that_is_built_refers_to_them()
    {
        var others = Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file)).Except(Projects);

        Assert.All(others, project =>
        {
            var text = File.ReadAllText(Path.Combine(Root, project));
            Assert.DoesNotContain("\"Aspire.", text, StringComparison.Ordinal);
            Assert.DoesNotContain("AppHost.csproj", text, StringComparison.Ordinal);
            Assert.DoesNotContain("AspireHosting.csproj", text, StringComparison.Ordinal);
        });
    }
}
