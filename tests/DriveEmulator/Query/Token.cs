namespace BackupSidecar.DriveEmulator.Query;

/// <param name="Text">Of a string: its value, without quotes and escapes.</param>
/// <param name="Position">In characters from the start of the query.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position);
