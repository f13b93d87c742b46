namespace BackupSidecar.Writer;

/// <summary>What a proxy does with what comes.</summary>
internal enum ProxyState
{
    /// <summary>Passes it on.</summary>
    Open,

    /// <summary>Takes it and passes nothing on, as a line that is dead and does not say so.</summary>
    Hole,

    /// <summary>Has ended every connection, and ends each new one at once.</summary>
    Cut,
}
