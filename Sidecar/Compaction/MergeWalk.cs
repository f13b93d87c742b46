namespace BackupSidecar.Compaction;

/// <summary>Walks packs side by side in page order: each page once, at the newest pack that holds it.</summary>
internal sealed class MergeWalk
{
    private readonly Func<MergeInput, ValueTask> _leaving;
    private readonly PriorityQueue<MergeInput, (uint Page, int Age)> _queue = new();
    private MergeInput? _current;

    private MergeWalk(Func<MergeInput, ValueTask> leaving) => _leaving = leaving;

    /// <param name="inputs">Nothing of them was walked yet.</param>
    /// <param name="leaving">Told before an input leaves a block for its next one.</param>
    public static async ValueTask<MergeWalk> BeginAsync(MergeInputs inputs, Func<MergeInput, ValueTask> leaving)
    {
        var walk = new MergeWalk(leaving);
        foreach (var input in inputs.All)
        {
            await walk.EnqueueNextAsync(input);
        }

        return walk;
    }

    /// <returns>The input that stands at the next page; null: there are no more.</returns>
    public async ValueTask<MergeInput?> NextAsync()
    {
        if (_current is { } current)
        {
            // What older packs say of this page is not wanted.
            var page = current.Page;
            while (_queue.TryPeek(out var older, out var at) && at.Page == page)
            {
                _ = _queue.Dequeue();
                await LeaveAsync(older);
            }

            await LeaveAsync(current);
        }

        // The newest of those that stand at one page comes first.
        return _current = _queue.TryDequeue(out var next, out _) ? next : null;
    }

    /// <summary>Walks on to the end, where the digest of each index is checked.</summary>
    public async ValueTask CompleteAsync()
    {
        while (await NextAsync() is not null)
        {
        }
    }

    private async ValueTask LeaveAsync(MergeInput input)
    {
        if (input.Index == input.Block.Hashes.Length - 1)
        {
            await _leaving(input);
        }

        await EnqueueNextAsync(input);
    }

    private async ValueTask EnqueueNextAsync(MergeInput input)
    {
        if (await input.NextAsync())
        {
            _queue.Enqueue(input, (input.Page, -input.Age));
        }
    }
}
