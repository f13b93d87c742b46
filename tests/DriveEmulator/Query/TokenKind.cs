namespace BackupSidecar.DriveEmulator.Query;

internal enum TokenKind
{
    Word,
    Text,
    Operator,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
    End,
}
