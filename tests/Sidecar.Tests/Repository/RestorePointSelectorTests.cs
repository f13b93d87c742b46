using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;
using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;

namespace BackupSidecar.Tests.Repository;

public sealed class RestorePointSelectorTests
{
    private static readonly UInt128 FirstBackup = UInt128.Parse("abcd0000000000000000000000000001", System.Globalization.NumberStyles.HexNumber, null);
    private static readonly UInt128 SecondBackup = UInt128.Parse("abcd1000000000000000000000000002", System.Globalization.NumberStyles.HexNumber, null);

    // Positions 1, 2, 3 at 1, 2, 3 seconds after noon; a backup of 1 at 10 s, one without change of 3 at 20 s.
    private readonly RestorePointSelector _selector = new(CatalogOf(
        [PackOf(0, 1), PackOf(1, 2), PackOf(2, 3)],
        ManifestOf(1, FirstBackup, 10),
        ManifestOf(3, SecondBackup, 20)));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_newest_is_the_one_of_the_largest_transaction()
    {
        var point = _selector.Newest();

        Assert.Equal(At(3), point.Position);
        Assert.Equal(Seconds(3), point.Time);
        Assert.Equal(new BackupId(SecondBackup), point.Backup!.Value.Name.Backup);
    }

    [Fact]
    public void The_newest_is_chosen_even_if_it_cannot_be_rebuilt()
    {
        var catalog = CatalogOf([PackOf(0, 1), PackOf(2, 3)]);

        var point = new RestorePointSelector(catalog).Newest();

        Assert.Equal(At(3), point.Position);
        Assert.Throws<TimelineGapException>(() => catalog.ChainTo(point.Position));
    }

    [Fact]
    public void Nothing_stored_is_said_so() =>
        Assert.Contains("no position yet", Assert.Throws<OperatorException>(() => new RestorePointSelector(CatalogOf([])).Newest()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("abcd0000000000000000000000000001")]
    [InlineData("abcd0")]
    [InlineData("ABCD0")]
    public void A_backup_is_found_by_a_unique_beginning_of_its_id(string prefix) =>
        Assert.Equal(new RestorePoint(At(1), Seconds(10), ManifestOf(1, FirstBackup, 10)), _selector.ByBackup(prefix));

    [Theory]
    [InlineData("abcd", "several backups")]
    [InlineData("abc", "cannot be the id")]
    [InlineData("", "cannot be the id")]
    [InlineData("wxyz", "cannot be the id")]
    [InlineData("abcd00000000000000000000000000011", "cannot be the id")]
    [InlineData("ffff", "no backup 'ffff'")]
    public void A_backup_id_that_says_too_little_or_nothing_is_an_error(string prefix, string message) =>
        Assert.Contains(message, Assert.Throws<OperatorException>(() => _selector.ByBackup(prefix)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_ambiguous_backup_id_lists_the_candidates()
    {
        var e = Assert.Throws<OperatorException>(() => _selector.ByBackup("abcd"));

        Assert.Contains(new BackupId(FirstBackup).ToString(), e.Hint, StringComparison.Ordinal);
        Assert.Contains(new BackupId(SecondBackup).ToString(), e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_means_the_newest_backup_that_carries_it()
    {
        var asked = new List<ManifestEntry>();
        ValueTask<IReadOnlyList<string>> Read(ManifestEntry entry, CancellationToken ct)
        {
            asked.Add(entry);
            return ValueTask.FromResult<IReadOnlyList<string>>(entry.Name.Backup.Value == FirstBackup ? ["old", "both"] : ["both"]);
        }

        Assert.Equal(At(3), (await _selector.ByLabelAsync("both", Read, Ct)).Position);
        Assert.Single(asked);
        Assert.Equal(At(1), (await _selector.ByLabelAsync("old", Read, Ct)).Position);
        var e = await Assert.ThrowsAsync<OperatorException>(async () => await _selector.ByLabelAsync("Both", Read, Ct));
        Assert.Contains("no backup with the label 'Both'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_position_is_found_by_its_number() => Assert.Equal(new RestorePoint(At(2), Seconds(2), null), _selector.ByPosition("2"));

    [Theory]
    [InlineData("4")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("2@c3")]
    [InlineData("2@00000000000000d4")]
    [InlineData("99999999999999999999999999")]
    public void A_position_that_does_not_exist_is_an_error(string text) => Assert.Throws<OperatorException>(() => _selector.ByPosition(text));

    [Fact]
    public void A_number_of_several_timelines_needs_its_timeline()
    {
        var selector = new RestorePointSelector(CatalogOf([PackOf(0, 1), PackOf(1, 2), PackOf(At(1), At(2, OtherLine))]));

        var e = Assert.Throws<OperatorException>(() => selector.ByPosition("2"));

        Assert.Contains($"2@{Line}", e.Hint, StringComparison.Ordinal);
        Assert.Contains($"2@{OtherLine}", e.Hint, StringComparison.Ordinal);
        Assert.Equal(At(2, OtherLine), selector.ByPosition($"2@{OtherLine}").Position);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2.5, 2)]
    [InlineData(9, 3)]
    [InlineData(10, 1)] // the backup of position 1 was made then
    [InlineData(1000, 3)]
    public void A_time_means_the_newest_restore_point_not_after_it(double seconds, ulong transaction) =>
        Assert.Equal(At(transaction), _selector.ByTime(Seconds(seconds)).Position);

    [Fact]
    public void A_time_of_any_zone_is_compared_as_an_instant() =>
        Assert.Equal(At(2), _selector.ByTime(Seconds(2).ToOffset(TimeSpan.FromHours(-5))).Position);

    [Fact]
    public void A_time_before_everything_is_an_error_that_says_what_there_is()
    {
        var e = Assert.Throws<OperatorException>(() => _selector.ByTime(Seconds(0.999)));

        Assert.Contains("no restore point at or before", e.Message, StringComparison.Ordinal);
        Assert.Contains("positions 1 to 3", e.Hint, StringComparison.Ordinal);
    }

    private static DateTimeOffset Seconds(double afterNoon) => UtcMicroseconds.ToTime(Noon).AddSeconds(afterNoon);
}
