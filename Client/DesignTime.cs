using System.Reflection;

namespace BackupSidecar.Client;

/// <summary>Whether a tool runs the program to look at it, such as <c>dotnet ef migrations add</c>: then there is no sidecar to wait for, and no database to touch.</summary>
/// <remarks>
/// Two signs, neither of which needs a reference to the tool: the name of the program that was started, and <c>EF.IsDesignTime</c>, where Entity Framework Core is part of the app. The names stand here as constants, so that a trimmed
/// program keeps that property where it has the type, and finds nothing where it has not.
/// </remarks>
internal static class DesignTime
{
    /// <summary>Of <c>dotnet ef</c>, the tools of the Package Manager Console, and of the documents that are generated from an app's API while it is built.</summary>
    private static readonly string[] Tools = ["ef", "dotnet-ef", "GetDocument.Insider", "dotnet-getdocument"];

    public static bool IsNow => Tools.Contains(Assembly.GetEntryAssembly()?.GetName().Name, StringComparer.Ordinal) || SaysEntityFramework();

    private static bool SaysEntityFramework() =>
        Type.GetType("Microsoft.EntityFrameworkCore.EF, Microsoft.EntityFrameworkCore")?.GetProperty("IsDesignTime", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is true;
}
