namespace Notes;

internal sealed record Note(long Id, string Text, DateTimeOffset? WrittenAt);
