using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>The requests of a day over restarts, kills, midnight, and a file that cannot be used.</summary>
public sealed class DriveRequestCountTests : IDisposable
{
    private const int Step = 64;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero));
    private readonly ScratchDirectory _scratch = new();
    private readonly List<OperatorException> _told = [];

    private string FilePath => _scratch.Join("accounts/credential.requests");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_restart_goes_on_with_what_was_used()
    {
        using (var before = Count(200_000))
        {
            before.Take(1);
            before.Take(99);
        }

        using var after = Count(200_000);

        Assert.Equal(100, after.Used);
        after.Take(1);
        Assert.Equal(101, after.Used);
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1_000)]
    public void A_kill_costs_the_rest_of_one_step_and_never_loses_a_request(int requests)
    {
        var killed = Count(200_000);
        for (var i = 0; i < requests; i++)
        {
            killed.Take(1);
        }

        using var after = Count(200_000);

        Assert.InRange(after.Used, requests, requests + Step - 1);
    }

    [Fact]
    public void Who_is_killed_after_each_request_still_meets_the_limit()
    {
        var made = 0;
        while (made < 10_000 && TryTake(Count(1_000), 1))
        {
            made++;
        }

        // Each one reserved a step of a hundredth of the day.
        Assert.Equal(100, made);
    }

    [Fact]
    public void A_request_is_written_in_steps_only()
    {
        using var count = Count(200_000);
        var writes = 0;
        byte[] seen = [];
        for (var i = 0; i < 10 * Step; i++)
        {
            count.Take(1);
            if (File.ReadAllBytes(FilePath) is var now && !now.AsSpan().SequenceEqual(seen))
            {
                (seen, writes) = (now, writes + 1);
            }
        }

        Assert.Equal(10, writes);
    }

    [Fact]
    public void Calls_that_are_made_together_are_reserved_together_and_never_past_the_limit()
    {
        var killed = Count(1_000);
        killed.Take(500);
        Assert.Equal(500, Count(1_000).Used);
        killed.Take(500);

        using var after = Count(1_000);

        Assert.Equal(1_000, after.Used);
        Assert.False(TryTake(after, 1));
    }

    [Fact]
    public void A_new_day_begins_at_zero_also_while_the_program_was_away()
    {
        var killed = Count(1_000);
        killed.Take(1_000);
        Assert.False(TryTake(killed, 1));

        _time.Advance(TimeSpan.FromHours(1));

        using var after = Count(1_000);
        Assert.Equal(0, after.Used);
        after.Take(7);
        Assert.Equal(0, killed.Used);
        Assert.InRange(Count(1_000).Used, 7, 7 + Step);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-03-01 999")]
    [InlineData("2026-03-01 999 0123456789abcdef0123456789abcdef\n")]
    [InlineData("nonsense")]
    public void A_damaged_count_is_zero_is_told_and_is_made_anew(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);

        using (var count = Count(1_000))
        {
            Assert.Equal(0, count.Used);
            count.Take(5);
        }

        Assert.Contains("is damaged", Assert.Single(_told).Message, StringComparison.Ordinal);
        Assert.Equal(5, Count(1_000).Used);
        Assert.Single(_told);
    }

    [Fact]
    public void Each_flipped_bit_is_found()
    {
        using (var count = Count(1_000))
        {
            count.Take(123);
        }

        var whole = File.ReadAllBytes(FilePath);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(FilePath, damaged);
            _told.Clear();

            Assert.Equal(0, Count(1_000).Used);
            Assert.Single(_told);
        }
    }

    [Fact]
    public void A_count_that_cannot_be_written_goes_on_in_memory_and_is_told_once()
    {
        File.WriteAllText(_scratch.Join("accounts"), "a file is in the way of the directory");
        using var count = Count(1_000);

        for (var i = 0; i < 1_000; i++)
        {
            count.Take(1);
        }

        Assert.False(TryTake(count, 1));
        Assert.Single(_told);
    }

    [Fact]
    public async Task Each_credential_has_a_count_of_its_own_over_restarts()
    {
        var (a, b) = (new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = "/a" }, new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = "/b" });
        using (var before = Accounts())
        {
            await before.Get(a, 5_000, 9_000).Budget.TakeAsync(1, 10, TestContext.Current.CancellationToken);
            await before.Get(b, 5_000, 9_000).Budget.TakeAsync(1, 20, TestContext.Current.CancellationToken);
        }

        using var after = Accounts();

        Assert.Equal((10, 20), (after.Get(a, 5_000, 9_000).Budget.RequestsToday, after.Get(b, 5_000, 9_000).Budget.RequestsToday));
        Assert.Equal(0, after.Get(a with { Subject = "somebody" }, 5_000, 9_000).Budget.RequestsToday);
        Assert.All(Directory.GetFiles(_scratch.Join("accounts")), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    private DriveRequestCount Count(int perDay) => new(perDay, new RequestDayFile(FilePath), _told.Add, _time);

    private DriveAccounts Accounts() => new(_time, _ => null) { StateDirectory = _scratch.Join("accounts"), Told = _told.Add };

    private static bool TryTake(DriveRequestCount count, int requests)
    {
        try
        {
            count.Take(requests);
            return true;
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.DailyLimit)
        {
            return false;
        }
    }
}
