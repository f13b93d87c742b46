using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BackupSidecar.Tests.Architecture;

/// <summary>Code that the rules judge, compiled: the whole of Sidecar, or a snippet that shows that a rule catches what it should.</summary>
internal sealed class SidecarCode
{
    private const string Folder = "Sidecar/";

    private static readonly Lazy<CompilerInputs> Inputs = new(CompilerInputs.Read);
    private static readonly Lazy<SidecarCode> WholeProgram = new(CompileWholeProgram);

    private readonly Compilation _compilation;
    private readonly IReadOnlyList<Diagnostic> _generatorDiagnostics;
    private readonly Lazy<IReadOnlyList<(SyntaxNode Place, ISymbol Symbol)>> _meanings;

    private SidecarCode(Compilation compilation, IEnumerable<SyntaxTree> trees, IReadOnlyList<Diagnostic> generatorDiagnostics)
    {
        _compilation = compilation;
        _generatorDiagnostics = generatorDiagnostics;
        _meanings = new(() => [.. FindMeanings()]);
        Trees = [.. trees.Where(tree => tree.FilePath.StartsWith(Folder, StringComparison.Ordinal))];
    }

    public static SidecarCode Whole => WholeProgram.Value;

    /// <summary>The files that people wrote, by paths relative to the solution; generated ones take part in the compilation only.</summary>
    public IReadOnlyList<SyntaxTree> Trees { get; }

    /// <summary>What does not compile, and generators that failed. A name without a meaning proves nothing, so the rules need this to be empty.</summary>
    public IEnumerable<Diagnostic> Errors =>
        [.. _generatorDiagnostics, .. _compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];

    /// <summary>
    /// Every place that means a symbol: each name, and the constructor of each <c>new</c>. <c>var</c> means the type it stands for.
    /// Names in documentation comments do not count: they bind nobody.
    /// </summary>
    public IReadOnlyList<(SyntaxNode Place, ISymbol Symbol)> Meanings => _meanings.Value;

    /// <summary>Compiles text as if it stood at <paramref name="path"/> (relative to Sidecar/), with the real references.</summary>
    public static SidecarCode Snippet(string path, string text) => Snippet((path, text));

    public static SidecarCode Snippet(params (string Path, string Text)[] files)
    {
        var usings = Inputs.Value.Sources.Single(source => source.EndsWith(".GlobalUsings.g.cs", StringComparison.Ordinal));
        var trees = files.Select(file => Parse(Folder + file.Path, file.Text)).ToList();
        return new SidecarCode(Compile([.. trees, Parse(usings, File.ReadAllText(usings))]), trees, []);
    }

    /// <summary>The files that a directory listing shows, by paths below Sidecar/: a file that the last build did not know would escape the rules.</summary>
    public static IEnumerable<string> PathsOnDisk()
    {
        var folder = Path.Combine(Inputs.Value.Root, Folder);
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(path => path.Split('/')[0] is not ("bin" or "obj"));
    }

    /// <summary>As the project file writes them.</summary>
    public static IEnumerable<string> ProjectsReferencedBy(string project) =>
        XDocument.Load(Path.Combine(Inputs.Value.Root, project)).Descendants("ProjectReference").Select(reference => (string)reference.Attribute("Include")!);

    /// <summary>The path below Sidecar/.</summary>
    public static string PathOf(SyntaxTree tree) => tree.FilePath[Folder.Length..];

    /// <summary>The first folder below Sidecar/; <see cref="RoomTable.Entrance"/> for a file that is in none.</summary>
    public static string RoomOf(SyntaxTree tree) => PathOf(tree).Split('/') is [var room, _, ..] ? room : RoomTable.Entrance;

    public static Violation At(SyntaxNode place, string what) => At(place.GetLocation(), what);

    public static Violation At(Location place, string what)
    {
        var span = place.GetLineSpan();
        return new Violation(span.Path, span.StartLinePosition.Line + 1, what);
    }

    public SemanticModel ModelOf(SyntaxTree tree) => _compilation.GetSemanticModel(tree);

    /// <summary>Every node of a kind.</summary>
    public IEnumerable<TNode> Nodes<TNode>()
        where TNode : SyntaxNode =>
        Trees.SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<TNode>());

    private IEnumerable<(SyntaxNode Place, ISymbol Symbol)> FindMeanings()
    {
        foreach (var tree in Trees)
        {
            var model = ModelOf(tree);
            foreach (var node in tree.GetRoot().DescendantNodes().Where(node => node is SimpleNameSyntax or BaseObjectCreationExpressionSyntax))
            {
                var info = model.GetSymbolInfo(node);
                if ((info.Symbol ?? info.CandidateSymbols.FirstOrDefault()) is { } symbol)
                {
                    yield return (node, symbol);
                }
            }
        }
    }

    private static SidecarCode CompileWholeProgram()
    {
        var inputs = Inputs.Value;
        var trees = inputs.Sources.Select(path => Parse(PathInSolution(path), File.ReadAllText(path))).ToList();
        var driver = CSharpGeneratorDriver.Create(inputs.Generators, parseOptions: inputs.ParseOptions);
        driver.RunGeneratorsAndUpdateCompilation(Compile(trees), out var generated, out var diagnostics);
        return new SidecarCode(generated, trees, diagnostics);
    }

    private static string PathInSolution(string path)
    {
        var relative = Path.GetRelativePath(Inputs.Value.Root, path);
        return relative.StartsWith(Folder + "obj/", StringComparison.Ordinal) ? path : relative;
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, Inputs.Value.ParseOptions, path);

    private static CSharpCompilation Compile(IReadOnlyList<SyntaxTree> trees)
    {
        var hasStatements = trees.Any(tree => tree.GetRoot().ChildNodes().Any(node => node is GlobalStatementSyntax));
        var kind = hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var options = new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("backup-sidecar", trees, Inputs.Value.References, options);
    }
}
