using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;

namespace BackupSidecar.Tests.Architecture;

/// <summary>Loads the generators that the build used; they run against this process's compiler and find each other by name.</summary>
internal sealed class GeneratorLoader(IEnumerable<string> paths) : AssemblyLoadContext(nameof(GeneratorLoader)), IAnalyzerAssemblyLoader
{
    private readonly ILookup<string, string> _pathsByName = paths.ToLookup(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)!;

    public void AddDependencyLocation(string fullPath)
    {
    }

    public Assembly LoadFromPath(string fullPath) => LoadFromAssemblyPath(fullPath);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        _pathsByName[assemblyName.Name!].FirstOrDefault() is { } path ? LoadFromAssemblyPath(path) : null;
}
