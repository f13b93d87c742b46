using System.Text;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Service;

/// <summary>Where serve listens unless it is told otherwise.</summary>
internal static class SocketPath
{
    private const string FileName = "sidecar.sock";

    /// <summary>sun_path of unix(7), without the zero at its end.</summary>
    private const int PathBytesMax = 107;

    /// <summary>The socket of those who may do everything.</summary>
    /// <exception cref="OperatorException">The path is longer than the system allows.</exception>
    public static string ForOperators(string stateDirectory) => Checked(Path.Join(Path.GetFullPath(stateDirectory), "operator", FileName), "Choose a shorter state directory (--state, or state.path in the configuration).");

    /// <summary>The socket of the app.</summary>
    /// <param name="stateDirectory">Of this serve.</param>
    /// <param name="configured">Null: in the state directory.</param>
    /// <exception cref="OperatorException">The path is longer than the system allows.</exception>
    public static string ForApp(string stateDirectory, string? configured) =>
        Checked(configured ?? Path.Join(Path.GetFullPath(stateDirectory), "app", FileName), "Choose a shorter path (service.appSocket in the configuration).");

    private static string Checked(string path, string hint)
    {
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= PathBytesMax ? path : throw new OperatorException(
            FailureKind.Failed, $"The path {path} is too long for a socket: {bytes} bytes, and Linux allows {PathBytesMax}.", hint);
    }
}
