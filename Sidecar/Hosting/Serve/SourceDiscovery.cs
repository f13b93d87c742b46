using System.IO.Enumeration;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
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

        // Links followed: a database must not be followed twice.
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
                if (!paths.Contains(RealPath(path)) && TryName(source, path, problems) is { } name)
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
                _ = paths.Add(RealPath(definition.Path));
            }
            else
            {
                problems($"{definition.Path} is not followed: its name '{definition.Name}' is that of {definitions[definition.Name].Path}; configure it by its path, with another name");
            }
        }
    }

    private static string RealPath(string path) => NativeFile.RealPath(path) ?? path;

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
        StartEmpty = source.StartEmpty,
        BackupEvery = source.BackupEvery,
        DrillEvery = source.DrillEvery,
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
        // A mount that hangs or is gone does not end the sources that are in it.
        var kept = new List<string>();
        var found = FindFiles(source.Directory!, source.Glob.Split('/'), OnUnreadable)
            .Where(path => !source.Exclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, Path.GetRelativePath(source.Directory!, path), ignoreCase: false)
                || FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false)))
            .Where(path => CanBeDatabase(path, problems))
            .ToList();
        return found.Concat(kept).Order(StringComparer.Ordinal);

        void OnUnreadable(string directory, Exception e)
        {
            problems($"the directory {directory} cannot be looked through: {e.Message}");
            kept.AddRange(_seen.Where(pair => pair.Value.IsDatabase && pair.Key.StartsWith(directory + "/", StringComparison.Ordinal)).Select(pair => pair.Key));
        }
    }

    private static IEnumerable<string> FindFiles(string directory, ReadOnlyMemory<string> segments, Action<string, Exception> unreadable)
    {
        try
        {
            return segments.Length > 1
                ? [.. Fitting(Directory.EnumerateDirectories(directory), segments).SelectMany(path => FindFiles(path, segments[1..], unreadable))]
                : [.. Fitting(Directory.EnumerateFiles(directory), segments).Where(path => !IsSideFile(Path.GetFileName(path)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(directory, e);
            return [];
        }
    }

    private static IEnumerable<string> Fitting(IEnumerable<string> paths, ReadOnlyMemory<string> segments)
    {
        var pattern = segments.Span[0];
        return paths.Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path), ignoreCase: false));
    }

    private static bool IsSideFile(string name) => SideFiles.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) || name.Contains(".before-", StringComparison.Ordinal) || name.Contains(StagedDatabase.Infix, StringComparison.Ordinal);

    private bool CanBeDatabase(string path, Action<string> problems)
    {
        try
        {
            return CanBeDatabase(path);
        }
        catch (OperatorException e)
        {
            problems($"{path} is not followed: {e.Message}");
            return false;
        }
    }

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
