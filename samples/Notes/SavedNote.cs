namespace Notes;

/// <param name="Note">As it is in the database.</param>
/// <param name="IsDurable">True: it survives the loss of the database, too.</param>
/// <param name="Problem">Why it does not; empty if it does.</param>
internal sealed record SavedNote(Note Note, bool IsDurable, string Problem);
