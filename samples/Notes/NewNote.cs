namespace Notes;

internal sealed record NewNote(string Text);
