using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace BackupSidecar.EndToEnd.Publishing;

/// <summary>Which assembly a type comes from, among those that a native compilation was given.</summary>
internal sealed class TypeOwners
{
    public const string Unknown = "?";

    private readonly Dictionary<string, SortedSet<string>> _assembliesByType = new(StringComparer.Ordinal);

    /// <summary>Reads the type names of all assemblies that stand in the compiler's response file (its input, and each <c>-r:</c>).</summary>
    /// <param name="folder">What relative paths in it are relative to.</param>
    public static TypeOwners Read(IEnumerable<string> responseFile, string folder)
    {
        var owners = new TypeOwners();
        var paths = responseFile.Select(line => line.StartsWith("-r:", StringComparison.Ordinal) ? line[3..] : line)
            .Where(line => line.EndsWith(".dll", StringComparison.Ordinal) && !line.StartsWith('-'));
        foreach (var path in paths)
        {
            owners.Add(Path.Combine(folder, path));
        }

        return owners;
    }

    public void Add(string assembly, string type)
    {
        if (!_assembliesByType.TryGetValue(type, out var assemblies))
        {
            _assembliesByType.Add(type, assemblies = new SortedSet<string>(StringComparer.Ordinal));
        }

        assemblies.Add(assembly);
    }

    /// <summary>The assembly of the type that this member belongs to: the longest prefix that is a type. Several, joined by '|', if they share its name.</summary>
    public string OwnerOf(string member)
    {
        var name = member.Split('(', '<', '`', '[')[0];
        while (name.Length > 0)
        {
            if (_assembliesByType.TryGetValue(name, out var assemblies))
            {
                return string.Join('|', assemblies);
            }

            name = name.LastIndexOf('.') is var dot and > 0 ? name[..dot] : "";
        }

        return Unknown;
    }

    private void Add(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
        {
            return;
        }

        var reader = file.GetMetadataReader();
        var assembly = reader.GetString(reader.GetAssemblyDefinition().Name);
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (!type.IsNested)
            {
                var space = reader.GetString(type.Namespace);
                var name = reader.GetString(type.Name).Split('`')[0];
                Add(assembly, space.Length == 0 ? name : $"{space}.{name}");
            }
        }
    }
}
