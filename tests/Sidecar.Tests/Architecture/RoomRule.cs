using Microsoft.CodeAnalysis;

namespace BackupSidecar.Tests.Architecture;

/// <summary>No room names what <see cref="RoomTable"/> does not give it.</summary>
internal static class RoomRule
{
    public static IEnumerable<Violation> Find(SidecarCode code) =>
        from meaning in code.Meanings
        let room = SidecarCode.RoomOf(meaning.Place.SyntaxTree)
        from named in RoomsOf(meaning.Symbol)
        where !RoomTable.MayName(room, named)
        select SidecarCode.At(meaning.Place, $"{TextOf(room)} may not name {TextOf(named)}: {meaning.Symbol.ToDisplayString()}");

    /// <summary>Rooms that have code and no row.</summary>
    public static IEnumerable<Violation> FindWithoutRow(SidecarCode code) =>
        from tree in code.Trees
        where !RoomTable.HasRow(SidecarCode.RoomOf(tree))
        select SidecarCode.At(tree.GetRoot(), $"the room {SidecarCode.RoomOf(tree)} has no row in the table");

    private static string TextOf(string room) => room == RoomTable.Entrance ? "the entrance" : room;

    private static IEnumerable<string> RoomsOf(ISymbol symbol) => symbol switch
    {
        // The root alone names no room: what follows it does.
        INamespaceSymbol { Name: RoomTable.RootNamespace } => [],
        INamespaceSymbol space => RoomOf(space),
        ITypeSymbol type => RoomsOfType(type),
        ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or ILabelSymbol or IDiscardSymbol => [],
        _ when symbol.ContainingType is { } type => RoomsOfType(type),
        _ => [],
    };

    private static IEnumerable<string> RoomsOfType(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => RoomsOfType(array.ElementType),
        IPointerTypeSymbol pointer => RoomsOfType(pointer.PointedAtType),
        INamedTypeSymbol named => [.. RoomOf(named.ContainingNamespace), .. named.TypeArguments.SelectMany(RoomsOfType)],
        _ => [],
    };

    private static IEnumerable<string> RoomOf(INamespaceSymbol? space) =>
        space is { IsGlobalNamespace: false } && RoomTable.RoomOf(space.ToDisplayString()) is { } room ? [room] : [];
}
