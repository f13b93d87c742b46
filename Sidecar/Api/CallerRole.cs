namespace BackupSidecar.Api;

/// <summary>Who calls, by the socket that the call came through. Each may what those before it may.</summary>
internal enum CallerRole
{
    /// <summary>Nobody that is known: may nothing.</summary>
    Unspecified = 0,

    /// <summary>Whoever can reach an address for monitoring: the health of the process, and nothing that names anything.</summary>
    Monitor,

    /// <summary>The app beside the sidecar: lifecycle calls, and the status of its own database.</summary>
    App,

    /// <summary>Everything.</summary>
    Operator,
}
