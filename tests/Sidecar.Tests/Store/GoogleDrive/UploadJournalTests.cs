using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

public sealed class UploadJournalTests
{
    [Fact]
    public void Uploads_that_fail_for_weeks_do_not_fill_the_disk_with_their_records()
    {
        using var directory = new ScratchDirectory();
        var journal = new UploadJournal(directory.Join("uploads"), TimeProvider.System);

        for (var i = 0; i < 2_500; i++)
        {
            _ = journal.Begin(ObjectName.Parse($"packs/app/{i}.pack"), $"id-{i}", length: 1);
        }

        Assert.InRange(journal.Count, 900, 1_200);
        Assert.NotNull(journal.Find(ObjectName.Parse("packs/app/2499.pack")));
    }
}
