namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>The right to use a session, until it is disposed or a newer request asks for it.</summary>
internal sealed class SessionTurn(UploadSession session, CancellationTokenSource source) : IDisposable
{
    /// <summary>Cancelled when the client is gone or a newer request waits.</summary>
    public CancellationToken Ct => source.Token;

    /// <remarks>The source is left to the collector: a newer request may be about to cancel it.</remarks>
    public void Dispose() => session.Release(source);
}
