namespace BackupSidecar.DriveEmulator.Http;

/// <summary>The body of an answer, which says so before its last byte leaves: what the log tells of a call is there when the client has the answer.</summary>
internal sealed class AnswerStream(HttpResponse response, Action<long> beforeLast) : CountingStream(response.Body)
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Count + buffer.Length >= response.ContentLength)
        {
            beforeLast(Count + buffer.Length);
        }

        return base.WriteAsync(buffer, cancellationToken);
    }
}
