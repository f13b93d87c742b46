using Wire = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Client;

/// <summary>What an instance knows of its sidecar.</summary>
/// <param name="IsConnected">The sidecar counts this instance as running.</param>
/// <param name="Restart">What it wants; null: nothing, or it is not known.</param>
/// <param name="Problem">Why it is not connected; empty if it is, or has not been tried.</param>
internal sealed record SidecarView(bool IsConnected, Wire.RestartRequest? Restart, string Problem)
{
    public static readonly SidecarView Unknown = new(IsConnected: false, null, "");
}
