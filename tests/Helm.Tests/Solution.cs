namespace BackupSidecar.Helm.Tests;

/// <summary>Where the solution stands on this machine.</summary>
internal static class Solution
{
    public static string Root { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BackupSidecar.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No BackupSidecar.sln above {AppContext.BaseDirectory}.");
    }
}
