namespace BackupSidecar.Lifecycle;

/// <summary>The instances of an app that watch, and those that have had an answer.</summary>
internal sealed class InstanceRegister(int answersMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _watching = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly Queue<string> _inOrder = new();

    /// <returns>To be disposed when it has gone.</returns>
    public IDisposable Watch(string instance)
    {
        lock (_gate)
        {
            _watching[instance] = _watching.GetValueOrDefault(instance) + 1;
        }

        return new Watcher(this, instance);
    }

    public bool IsAnotherWatching(string instance)
    {
        lock (_gate)
        {
            return _watching.Keys.Any(other => other != instance);
        }
    }

    public bool IsWatching(string instance)
    {
        lock (_gate)
        {
            return _watching.ContainsKey(instance);
        }
    }

    /// <returns>False: it was remembered already.</returns>
    public bool Remember(string instance)
    {
        lock (_gate)
        {
            if (!_answered.Add(instance))
            {
                return false;
            }

            _inOrder.Enqueue(instance);
            if (_inOrder.Count > answersMax)
            {
                _ = _answered.Remove(_inOrder.Dequeue());
            }

            return true;
        }
    }

    public bool IsRemembered(string instance)
    {
        lock (_gate)
        {
            return _answered.Contains(instance);
        }
    }

    private void Leave(string instance)
    {
        lock (_gate)
        {
            if (--_watching[instance] == 0)
            {
                _ = _watching.Remove(instance);
            }
        }
    }

    private sealed class Watcher(InstanceRegister register, string instance) : IDisposable
    {
        public void Dispose() => register.Leave(instance);
    }
}
