using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BackupSidecar.Tests.Architecture;

/// <summary>A file that needs <c>#region</c> is two files.</summary>
internal static class RegionRule
{
    public static IEnumerable<Violation> Find(SidecarCode code) =>
        from tree in code.Trees
        from node in tree.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<RegionDirectiveTriviaSyntax>()
        select SidecarCode.At(node, "#region");
}
