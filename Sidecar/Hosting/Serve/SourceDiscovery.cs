using System.IO.Enumeration;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Serve;

/// <summary>From configured sources to databases: looks through directories, and gives each database its name.</summary>
/// <remarks>
/// A file counts that fits the pattern, starts as a database or is empty, and is no side file of a database. It is looked into once and through
/// SQLite; a file that is no database is looked into again when its length or inode is another.
/// </remarks>
internal sealed class SourceDiscovery
{
    /// <summary>What SQLite, a restore or another replicator puts beside a database.</summary>
    private static readonly string[] SideFiles = [SourceFile.WalSuffix, SourceFile.ShmSuffix, SourceFile.JournalSuffix, ".restore-pending"];

    private readonly Dictionary<string, (FileIdentity Identity, bool IsDatabase)> _seen = new(StringComparer.Ordinal);

    /// <param name="sources">As they are configured.</param>
    /// <param name="problems">Told of each directory or database that cannot be taken; the others are.</param>
    public IReadOnlyList<SourceDefinition> Resolve(IReadOnlyList<SourceOptions> sources, Action<string> problems)
    {
        var definitions = new Dictionary<string, SourceDefinition>(StringComparer.Ordinal);
        var paths = new HashSet<string>(StringComparer.Ordinal);

        // What is named by its path comes first, so that a discovered file never takes its name.
        foreach (var source in sources.Where(source => source.Path is not null))
        {
            Add(Define(source, source.Path!, source.Name ?? SourceName.FromFile(source.Path!), isNamed: source.Name is not null));
        }

        foreach (var source in sources.Where(source => source.Directory is not null))
        {
            foreach (var path in Find(source, problems))
            {
                if (!paths.Contains(path) && TryName(source, path, problems) is { } name)
                {
                    Add(Define(source, path, name, isNamed: false));
                }
            }
        }

        return [.. definitions.Values];

        void Add(SourceDefinition definition)
        {
            if (definitions.TryAdd(definition.Name, definition))
            {
                _ = paths.Add(definition.Path);
            }
            else
            {
                problems($"{definition.Path} is not followed: its name '{definition.Name}' is that of {definitions[definition.Name].Path}; configure it by its path, with another name");
            }
        }
    }

    private static SourceDefinition Define(SourceOptions source, string path, string name, bool isNamed) => new()
    {
        Name = name,
        Path = path,
        IsNamed = isNamed,
        Enabled = source.Enabled,
        Mode = source.Mode,
        AppSqliteVersion = source.AppSqliteVersion,
        WalLimitBytes = source.WalLimitMegabytes << 20,
        Interval = source.Interval,
        RollbackJournalInterval = source.RollbackJournalInterval,
        Scrub = source.Scrub,
        Compression = source.Compression,
    };

    private static string? TryName(SourceOptions source, string path, Action<string> problems)
    {
        try
        {
            // Of a file further below, its directories are part of the name.
            var relative = Path.GetRelativePath(source.Directory!, path).Replace('/', '-');
            var stem = SourceName.FromFile(relative);
            return SourceName.Validate(source.Name is null ? stem : $"{source.Name}-{stem}");
        }
        catch (OperatorException e)
        {
            problems($"{path} is not followed: {e.Message} Configure it by its path, with a name");
            return null;
        }
    }

    private IEnumerable<string> Find(SourceOptions source, Action<string> problems)
    {
        try
        {
            return [.. FindFiles(source.Directory!, source.Glob.Split('/'))
                .Where(path => !source.Exclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, Path.GetRelativePath(source.Directory!, path), ignoreCase: false)
                    || FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false)))
                .Where(CanBeDatabase)
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems($"the directory {source.Directory} cannot be looked through: {e.Message}");

            // A mount that hangs or is gone does not end the sources that are in it.
            return _seen.Where(pair => pair.Value.IsDatabase && pair.Key.StartsWith(source.Directory! + "/", StringComparison.Ordinal)).Select(pair => pair.Key).Order(StringComparer.Ordinal);
        }
    }

    private static IEnumerable<string> FindFiles(string directory, ReadOnlyMemory<string> segments)
    {
        var pattern = segments.Span[0];
        if (segments.Length > 1)
        {
            return Directory.EnumerateDirectories(directory)
                .Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false))
                .SelectMany(path => FindFiles(path, segments[1..]));
        }

        return Directory.EnumerateFiles(directory)
            .Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false) && !IsSideFile(Path.GetFileName(path)));
    }

    private static bool IsSideFile(string name) => SideFiles.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) || name.Contains(".before-", StringComparison.Ordinal);

    private bool CanBeDatabase(string path)
    {
        if (!FileIdentity.TryGet(path, out var identity) || !identity.IsRegularFile)
        {
            return false;
        }

        // A database stays one: while it is followed it is not opened here.
        if (_seen.TryGetValue(path, out var seen) && seen.Identity.IsSameFileAs(identity) && (seen.IsDatabase || seen.Identity.LengthBytes == identity.LengthBytes))
        {
            return seen.IsDatabase;
        }

        var isDatabase = Look(path);
        _seen[path] = (identity, isDatabase);
        return isDatabase;
    }

    private static bool Look(string path)
    {
        try
        {
            return DatabaseProbe.CanBeDatabase(SourceFile.Resolve(path));
        }
        catch (OperatorException)
        {
            // What cannot be read is followed, so that its follower says why it fails.
            return true;
        }
    }
}
