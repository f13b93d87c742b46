namespace BackupSidecar.Store.GoogleDrive;

/// <summary>An upload that was begun: written before its first byte, so that a restart creates nothing twice and sends nothing twice.</summary>
/// <param name="Name">The object.</param>
/// <param name="Id">Under which the file is created.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Session">The address of the upload session, which is a secret: who has it can write the file. Null: none was begun.</param>
/// <param name="BegunAt">UTC.</param>
internal sealed record UploadRecord(string Name, string Id, long Length, string? Session, DateTimeOffset BegunAt)
{
    /// <summary>Not the record's own text, which would hold the session.</summary>
    public override string ToString() => $"upload of '{Name}' as {Id}";
}
