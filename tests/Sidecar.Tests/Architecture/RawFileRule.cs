using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace BackupSidecar.Tests.Architecture;

/// <summary>The rooms that touch live databases open no file themselves.</summary>
/// <remarks>
/// Closing any descriptor of a database or its -shm drops every POSIX lock that SQLite holds on it in this process, and nothing reports it.
/// So these rooms reach live files through SQLite's own handles, and every other file access is on the list, with the reason why it is safe.
/// </remarks>
internal static partial class RawFileRule
{
    private static readonly string[] RoomsNearDatabases = ["Source", "Capture"];

    /// <summary>Files that may open files, and why.</summary>
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Capture/StateFile.cs"] = "A file of our own in the state directory, never a database.",
        ["Source/NativeLock.cs"] = "Opens a -shm only while no connection of this process is open on the database, so that there is no lock to drop.",
        ["Source/DormantWal.cs"] = "A -wal or a -journal: SQLite holds its locks on the database and on -shm only, so closing these drops none.",
    };

    /// <summary>Types whose members open files, or mostly do.</summary>
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "System.IO.FileStream",
        "System.IO.MemoryMappedFiles.MemoryMappedFile",
        "Microsoft.Win32.SafeHandles.SafeFileHandle",
    };

    public static IEnumerable<Violation> Find(SidecarCode code) => FindAll(code).Where(violation => !Allowed.ContainsKey(PathOf(violation)));

    /// <summary>Exceptions whose file is gone or no longer needs one.</summary>
    public static IEnumerable<string> FindStaleExceptions(SidecarCode code) => Allowed.Keys.Except(FindAll(code).Select(PathOf));

    private static string PathOf(Violation violation) => violation.File["Sidecar/".Length..];

    private static IEnumerable<Violation> FindAll(SidecarCode code) =>
        [.. FindCalls(code), .. FindImports(code)];

    private static IEnumerable<Violation> FindCalls(SidecarCode code) =>
        from meaning in code.Meanings
        where IsNearDatabases(meaning.Place) && Opens(meaning.Symbol)
        select SidecarCode.At(meaning.Place, $"{meaning.Symbol.ToDisplayString()} opens a file in a room that reads live databases");

    /// <summary>The same by P/Invoke: a method whose native name is one that opens, closes or copies files.</summary>
    private static IEnumerable<Violation> FindImports(SidecarCode code) =>
        from method in code.Nodes<MethodDeclarationSyntax>()
        where IsNearDatabases(method)
        from attribute in method.AttributeLists.SelectMany(list => list.Attributes)
        where attribute.Name.ToString().Split('.')[^1] is "LibraryImport" or "DllImport"
        let entry = attribute.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.Text == "EntryPoint")
        let name = entry is null ? method.Identifier.Text : entry.Expression.ToString().Trim('"')
        where NativeOpeners().IsMatch(name)
        select SidecarCode.At(method.Identifier.GetLocation(), $"imports '{name}' in a room that reads live databases");

    private static bool IsNearDatabases(SyntaxNode node) => RoomsNearDatabases.Contains(SidecarCode.RoomOf(node.SyntaxTree));

    private static bool Opens(ISymbol symbol) => symbol switch
    {
        // Naming a type opens nothing; its constructors and members do.
        ITypeSymbol => false,
        IMethodSymbol { MethodKind: MethodKind.Constructor } method => OpensWhenCreated(method),
        IMethodSymbol method => OpensWhenCalled(method),
        _ => false,
    };

    private static bool OpensWhenCreated(IMethodSymbol constructor) => constructor.ContainingType.ToDisplayString() switch
    {
        "System.IO.StreamReader" or "System.IO.StreamWriter" => constructor.Parameters is [{ Type.SpecialType: SpecialType.System_String }, ..],
        var type => Types.Contains(type),
    };

    private static bool OpensWhenCalled(IMethodSymbol method) => method.ContainingType.ToDisplayString() switch
    {
        "System.IO.File" => FileOpeners().IsMatch(method.Name),
        "System.IO.FileInfo" => FileInfoOpeners().IsMatch(method.Name),
        "System.IO.MemoryMappedFiles.MemoryMappedFile" => method.Name == "CreateFromFile",
        _ => false,
    };

    [GeneratedRegex("^(Open|Read|Write|Append|Create(?!SymbolicLink)|Copy|Replace)")]
    private static partial Regex FileOpeners();

    [GeneratedRegex("^(Open|Create(?!AsSymbolicLink)|Append|CopyTo|Replace)")]
    private static partial Regex FileInfoOpeners();

    [GeneratedRegex("^(f?open(at2?|64)?|creat|close|close_range|dup[23]?|sendfile|copy_file_range)$")]
    private static partial Regex NativeOpeners();
}
