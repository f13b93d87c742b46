using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Service;

/// <summary>Where the service listens.</summary>
/// <param name="OperatorSocket">An absolute path; its owner may do everything.</param>
/// <param name="AppSocket">An absolute path; owner and group may do what an app may.</param>
/// <param name="AppSocketGroup">Null: the group that a new file has.</param>
internal sealed record ServiceSettings(string OperatorSocket, string AppSocket, uint? AppSocketGroup)
{
    /// <exception cref="OperatorException">A path is longer than the system allows.</exception>
    public static ServiceSettings Of(string stateDirectory, ServiceOptions options) =>
        new(SocketPath.ForOperators(stateDirectory), SocketPath.ForApp(stateDirectory, options.AppSocket), (uint?)options.AppSocketGroup);
}
