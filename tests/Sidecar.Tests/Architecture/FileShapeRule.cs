using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BackupSidecar.Tests.Architecture;

/// <summary>A file's namespace is its folder, and it holds one type, which has its name.</summary>
internal static class FileShapeRule
{
    /// <summary>Files that hold more than one type, and why.</summary>
    private static readonly Dictionary<string, string> SeveralTypes = new(StringComparer.Ordinal)
    {
        ["Primitives/Identifiers.cs"] = "The names of the identifiers and the empty types that keep them apart are one table.",
        ["Repository/Documents.cs"] = "The JSON documents of a repository as they are written: one format, read side by side.",
    };

    public static IEnumerable<Violation> FindWrongNamespaces(SidecarCode code) =>
        from tree in code.Trees
        let expected = NamespaceOf(SidecarCode.PathOf(tree))
        from space in tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        where space.Name.ToString() != expected
        select SidecarCode.At(space.Name, $"the folder says {expected}, the file {space.Name}");

    /// <summary>Types that stand in no namespace; the top-level statements of Program.cs declare none.</summary>
    public static IEnumerable<Violation> FindTypesWithoutNamespace(SidecarCode code) =>
        from tree in code.Trees
        from type in TopLevelTypes(tree)
        where type.Parent is CompilationUnitSyntax
        select SidecarCode.At(type, $"{NameOf(type)} stands in no namespace");

    public static IEnumerable<Violation> FindWrongTypes(SidecarCode code) =>
        from tree in code.Trees
        where !SeveralTypes.ContainsKey(SidecarCode.PathOf(tree))
        let expected = Path.GetFileName(tree.FilePath).Split('.')[0]
        from type in TopLevelTypes(tree)
        where NameOf(type) != expected
        select SidecarCode.At(type, $"{NameOf(type)} belongs into a file of its own name");

    /// <summary>Exceptions whose file is gone or no longer needs one.</summary>
    public static IEnumerable<string> FindStaleExceptions(SidecarCode code) =>
        SeveralTypes.Keys.Except(code.Trees.Where(tree => TopLevelTypes(tree).Count() > 1).Select(SidecarCode.PathOf));

    private static string NamespaceOf(string path) =>
        string.Join('.', [RoomTable.RootNamespace, .. path.Split('/')[..^1]]);

    private static IEnumerable<MemberDeclarationSyntax> TopLevelTypes(SyntaxTree tree) =>
        tree.GetRoot().DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static string NameOf(MemberDeclarationSyntax type) =>
        type is DelegateDeclarationSyntax function ? function.Identifier.Text : ((BaseTypeDeclarationSyntax)type).Identifier.Text;
}
