using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The id of a state directory: made once, and with it for as long as it lives.</summary>
internal static class StateIdentity
{
    private const string FileName = "state.id";
    private const int Length = 32;

    /// <exception cref="OperatorException">It cannot be read or made.</exception>
    public static string Of(string stateDirectory)
    {
        var path = Path.Join(stateDirectory, FileName);
        try
        {
            if (File.Exists(path))
            {
                return Parse(File.ReadAllText(path), path);
            }

            var id = Guid.NewGuid().ToString("N");
            var temporary = path + ".new";
            File.WriteAllText(temporary, id);
            File.Move(temporary, path, overwrite: false);
            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException(FailureKind.Failed, $"{path} cannot be read or made: {e.Message}", "Check the volume and the rights of the state directory.", e);
        }
    }

    private static string Parse(string text, string path) => text.Length == Length && text.All(char.IsAsciiHexDigitLower)
        ? text
        : throw new OperatorException(FailureKind.Failed, $"{path} is damaged: it holds no id.", "Remove it: this sidecar then counts as a new one, and has to take over its repositories ('backup-sidecar repository take-over').");
}
