using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace BackupSidecar.Tests.Architecture;

/// <summary>What the build gave to the compiler for Sidecar: sources with the implicit usings, references, generators, symbols.</summary>
internal sealed class CompilerInputs
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private CompilerInputs(string root, ILookup<string, string> lines)
    {
        Root = root;
        Sources = [.. lines["source"]];
        References = [.. lines["reference"].Select(path => MetadataReference.CreateFromFile(path))];
        ParseOptions = new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: lines["symbol"]);
        var loader = new GeneratorLoader(lines["analyzer"]);
        Generators = [.. lines["analyzer"].SelectMany(path => new AnalyzerFileReference(path, loader).GetGenerators(LanguageNames.CSharp))];
    }

    /// <summary>The folder of the solution.</summary>
    public string Root { get; }

    public IReadOnlyList<string> Sources { get; }

    public IReadOnlyList<MetadataReference> References { get; }

    public IReadOnlyList<ISourceGenerator> Generators { get; }

    public CSharpParseOptions ParseOptions { get; }

    /// <summary>Reads what the build of Sidecar left beside its intermediate output; the project file says how it is written.</summary>
    public static CompilerInputs Read()
    {
        var root = FindRoot();
        var path = Path.Combine(root, "Sidecar", "obj", Configuration, "net10.0", "compiler-inputs.txt");
        var lines = File.ReadLines(path).Select(line => line.Split(' ', 2));
        return new CompilerInputs(root, lines.ToLookup(line => line[0], line => line[1]));
    }

    /// <summary>The folder of the solution.</summary>
    public static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BackupSidecar.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No BackupSidecar.sln above {AppContext.BaseDirectory}.");
    }
}
