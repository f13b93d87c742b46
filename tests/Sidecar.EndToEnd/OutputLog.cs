using System.Text;

namespace BackupSidecar.EndToEnd;

/// <summary>Lines in the order of their arrival; who waits for one sees those that came before, too.</summary>
internal sealed class OutputLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = NewSource();
    private bool _ended;

    public string Text
    {
        get
        {
            lock (_gate)
            {
                var text = new StringBuilder();
                _lines.ForEach(line => text.Append(line).Append('\n'));
                return text.ToString();
            }
        }
    }

    /// <param name="line">Null: there will be no more.</param>
    public void Add(string? line)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (line is null)
            {
                _ended = true;
            }
            else
            {
                _lines.Add(line);
            }

            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
    }

    public async Task<string?> FirstAsync(Func<string, bool> fits, CancellationToken ct)
    {
        for (var next = 0; ;)
        {
            Task changed;
            lock (_gate)
            {
                for (; next < _lines.Count; next++)
                {
                    if (fits(_lines[next]))
                    {
                        return _lines[next];
                    }
                }

                if (_ended)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(ct);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
