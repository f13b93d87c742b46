using BackupSidecar.Primitives;

namespace BackupSidecar.Tests.Compaction;

/// <summary>What may happen to a database, at random.</summary>
internal static class RandomHistory
{
    /// <summary>Captures, a backup, a new timeline, or another page size.</summary>
    public static async Task ChangeAsync(CompactionScene scene, Random random)
    {
        switch (random.Next(20))
        {
            case 0:
                await scene.NameAsync();
                return;
            case 1:
                // A restart that lost its local state, or a database that was put back to an older position.
                var parent = random.Next(2) == 0 ? scene.Newest : (await scene.CatalogAsync()).ChainTo(scene.Newest).NewestFirst[^1].Name.To;
                if (scene.ImageOf(parent).Length % scene.PageSizeBytes == 0 && parent.Timeline == scene.Newest.Timeline)
                {
                    scene.Pages = [.. scene.ImageOf(parent).Chunk(scene.PageSizeBytes)];
                    Mutate(scene, random);
                    await scene.CaptureAsync(parent, new TimelineId((ulong)random.NextInt64() | 1));
                }

                return;
            case 2:
                // VACUUM with another page size.
                scene.PageSizeBytes = 512 << random.Next(3);
                scene.Pages = [];
                scene.Resize(random.Next(1, 40), random);
                await scene.CaptureAsync(Position.None, new TimelineId((ulong)random.NextInt64() | 1));
                return;
            default:
                for (var burst = random.Next(1, 8); burst > 0; burst--)
                {
                    Mutate(scene, random);
                    scene.Time.Advance(TimeSpan.FromMilliseconds(random.Next(4000)));
                    await scene.CaptureAsync();
                }

                return;
        }
    }

    private static void Mutate(CompactionScene scene, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                scene.Resize(random.Next(1, scene.Pages.Count + 1), random);
                break;
            case 1:
                scene.Resize(scene.Pages.Count + random.Next(1, 20), random);
                break;
            case 2:
                // As VACUUM does: everything moves.
                scene.Pages = [.. scene.Pages.OrderBy(_ => random.Next())];
                break;
        }

        // Always something: a capture without a change is none.
        scene.Change(random.Next(1, scene.Pages.Count + 1), random);
        for (var i = random.Next(4); i > 0; i--)
        {
            scene.Change(random.Next(1, scene.Pages.Count + 1), random);
        }
    }
}
