using BackupSidecar.Client;
using Notes;

// Kestrel listens on http://localhost:5000 alone, unless --urls says otherwise.
var builder = WebApplication.CreateBuilder(args);
var database = builder.Configuration["Database"] ?? "run/data/notes.db";
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(services => new NoteStore(database, services.GetRequiredService<TimeProvider>()));
builder.Services.AddHealthChecks().AddCheck<NoteHealth>("notes");
builder.Services.AddBackupSidecar(options =>
{
    options.DatabasePath = database;
    builder.Configuration.GetSection("BackupSidecar").Bind(options);
});

await using var app = builder.Build();
_ = await app.PrepareDatabaseAsync();

// Only now may the database be opened. Where a restore has put an older one in place, its schema is older, too.
var store = app.Services.GetRequiredService<NoteStore>();
var (former, current) = store.Migrate();
NotesLog.Migrated(app.Logger, former, current);

app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHealthChecks("/health");
app.MapGet("/notes", () => store.List());
app.MapPost("/notes", async (NewNote note, IBackupSidecar sidecar, CancellationToken ct) =>
{
    if (string.IsNullOrWhiteSpace(note.Text) || note.Text.Length > NoteStore.TextLengthMax)
    {
        return Results.BadRequest($"A note has 1 to {NoteStore.TextLengthMax} characters.");
    }

    var saved = store.Add(note.Text);
    try
    {
        await sidecar.EnsureDurableAsync(ct);
        return Results.Ok(new SavedNote(saved, IsDurable: true, ""));
    }
    catch (BackupSidecarException e)
    {
        // It is in the database, and will be stored when the sidecar is able to.
        return Results.Ok(new SavedNote(saved, IsDurable: false, e.Message));
    }
});
app.MapDelete("/notes", () => store.Clear());
await app.RunAsync();

// A restart that the sidecar asked for ends with the code for whoever starts this again.
return Environment.ExitCode;
