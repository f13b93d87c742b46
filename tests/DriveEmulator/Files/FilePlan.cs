using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>A create or an update that has been allowed and not yet made: it waits for its content, perhaps for days and over restarts.</summary>
/// <param name="IsUpdate">Or else a create.</param>
/// <param name="FileId">Of a create: the id that the file will have, named by the caller or chosen by Drive.</param>
/// <param name="ParentId">Where it will be; for an update, where it moves to, or null.</param>
/// <param name="ContentType">Of the media, by header; what the metadata says is stronger.</param>
/// <param name="Fields">What the final answer shows, or null for the default.</param>
internal sealed record FilePlan(bool IsUpdate, string FileId, string? ParentId, JsonObject Metadata, string? ContentType, Caller Caller, string? Fields);
