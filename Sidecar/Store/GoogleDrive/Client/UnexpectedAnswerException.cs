namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>An answer that is no answer to what was asked: a page for people, half of the content, another range. Asking again may help.</summary>
/// <param name="message">What came, to stand after a colon.</param>
internal sealed class UnexpectedAnswerException(string message) : IOException(message);
