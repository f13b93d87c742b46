using Microsoft.CodeAnalysis;

namespace BackupSidecar.Tests.Architecture;

/// <summary>A vendor's SDK is named in the folder of its store and nowhere else.</summary>
internal static class VendorRule
{
    private static readonly Dictionary<string, string> FolderByRoot = new(StringComparer.Ordinal)
    {
        ["Google"] = "Store/GoogleDrive/",
        ["Amazon"] = "Store/S3/",
        ["Azure"] = "Store/AzureBlob/",
    };

    /// <summary>Not the vendor's store: the wire format that gRPC stands on.</summary>
    private static readonly string[] Exempt = ["Google.Protobuf", "Google.Rpc"];

    public static IEnumerable<Violation> Find(SidecarCode code) =>
        from meaning in code.Meanings
        let space = NamespaceOf(meaning.Symbol)
        where space.Length > 0 && !IsRootAlone(meaning.Symbol) && !Exempt.Any(exempt => space == exempt || space.StartsWith(exempt + ".", StringComparison.Ordinal))
        let folder = FolderByRoot.GetValueOrDefault(space.Split('.')[0])
        where folder is not null && !SidecarCode.PathOf(meaning.Place.SyntaxTree).StartsWith(folder, StringComparison.Ordinal)
        select SidecarCode.At(meaning.Place, $"{meaning.Symbol.ToDisplayString()} belongs into {folder}");

    /// <summary>The first word of a longer name, which is looked at as well.</summary>
    private static bool IsRootAlone(ISymbol symbol) => symbol is INamespaceSymbol { ContainingNamespace.IsGlobalNamespace: true };

    private static string NamespaceOf(ISymbol symbol)
    {
        var space = symbol as INamespaceSymbol ?? symbol.ContainingNamespace;
        return space is null or { IsGlobalNamespace: true } ? "" : space.ToDisplayString();
    }
}
