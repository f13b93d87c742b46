namespace BackupSidecar.Compaction;

/// <summary>The decoded blocks of all inputs of one merge. Beyond the limit the input that was first gives its block back, and reads it again if it must.</summary>
internal sealed class DecodedBlocks(long bytesMax)
{
    private readonly Queue<MergeInput> _inputs = [];
    private long _bytes;

    /// <summary>To be called with the input whose block was just read: that one stays.</summary>
    /// <param name="input">The input.</param>
    /// <param name="before">What its buffer took before.</param>
    public void Count(MergeInput input, int before)
    {
        _bytes += input.BufferBytes - before;
        if (before == 0)
        {
            _inputs.Enqueue(input);
        }

        while (_bytes > bytesMax && _inputs.Count > 1)
        {
            var first = _inputs.Dequeue();
            if (first == input)
            {
                _inputs.Enqueue(first);
                continue;
            }

            _bytes -= first.BufferBytes;
            first.DropBlock();
        }
    }
}
