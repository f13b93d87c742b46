using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BackupSidecar.Tests.Architecture;

/// <summary>Who catches everything says by a filter what he can treat, or throws on every way out.</summary>
internal static class CatchRule
{
    public static IEnumerable<Violation> Find(SidecarCode code) =>
        from clause in code.Nodes<CatchClauseSyntax>()
        let model = code.ModelOf(clause.SyntaxTree)
        where clause.Filter is null && CatchesEverything(clause, model) && !AlwaysThrows(clause, model)
        select SidecarCode.At(clause.CatchKeyword.GetLocation(), "catches every exception without a filter and does not throw on every way out");

    private static bool CatchesEverything(CatchClauseSyntax clause, SemanticModel model) =>
        clause.Declaration is null || model.GetTypeInfo(clause.Declaration.Type).Type?.ToDisplayString() == "System.Exception";

    private static bool AlwaysThrows(CatchClauseSyntax clause, SemanticModel model)
    {
        var flow = model.AnalyzeControlFlow(clause.Block);
        return flow is { Succeeded: true, EndPointIsReachable: false, ExitPoints.IsEmpty: true, ReturnStatements.IsEmpty: true };
    }
}
