namespace BackupSidecar.Repository;

/// <summary>Who may write to a repository.</summary>
/// <param name="Instance">The name that a sidecar was given; a new host with the same name is the same one.</param>
/// <param name="Host">For people.</param>
/// <param name="StateId">Of its state directory: who has it is the same one, whatever the name.</param>
/// <param name="TakenAt">When, by its clock; for people, nothing is decided by it.</param>
internal sealed record LeaseHolder(string Instance, string Host, string StateId, DateTimeOffset TakenAt)
{
    public bool IsSameAs(LeaseHolder other) => StateId == other.StateId || Instance == other.Instance;

    public override string ToString() => $"'{Instance}' on host {Host}";
}
