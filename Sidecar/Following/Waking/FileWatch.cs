using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Following.Waking;

/// <summary>Sets a signal when a file or directory changes: one inotify instance and one sleeping thread for the whole process.</summary>
/// <remarks>
/// Every watch is for one event and is then gone, so that an application that writes a thousand times between two captures wakes us once.
/// Whoever waits arms first and looks afterwards: a change after the look sets the signal. A lost event is no harm, since everybody
/// also looks by the clock now and then: where inotify does not work (no instance left, some network file systems) that is all there is.
/// </remarks>
internal sealed class FileWatch : IDisposable
{
    private const int StackSizeBytes = 256 * 1024;
    private const int BufferSize = 64 * 1024;

    /// <summary>Writes to a file, its removal and its replacement, and that one of those who may write to it has closed it.</summary>
    private const uint FileEvents = Inotify.Modify | Inotify.CloseWrite | Inotify.DeleteSelf | Inotify.MoveSelf | Inotify.OneShot;

    /// <summary>Whatever happens to the entries of a directory, and writes to its files.</summary>
    private const uint DirectoryEvents =
        Inotify.Modify | Inotify.Create | Inotify.Delete | Inotify.MovedFrom | Inotify.MovedTo | Inotify.DeleteSelf | Inotify.MoveSelf | Inotify.OneShot;

    private readonly SafeFileHandle _instance;
    private readonly SafeFileHandle _stop = Inotify.OpenEvent();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<WakeSignal>> _waiting = [];
    private readonly Thread? _thread;

    public FileWatch()
        : this(Inotify.Open())
    {
    }

    /// <param name="instance">Of inotify; owned from here on. A test can give one that watches nothing.</param>
    internal FileWatch(SafeFileHandle instance)
    {
        _instance = instance;
        if (!_instance.IsInvalid && !_stop.IsInvalid)
        {
            _thread = new Thread(Listen, StackSizeBytes) { IsBackground = true, Name = "file watch" };
            _thread.Start();
        }
    }

    /// <summary>False if the kernel gives no inotify instance to this user: then everything is found by the clock.</summary>
    public bool IsAvailable => _thread is not null;

    /// <returns>False if the file cannot be watched (it is gone, or there are no watches left).</returns>
    public bool TryArmFile(string path, WakeSignal signal) => TryArm(path, FileEvents, signal);

    /// <returns>False if the directory cannot be watched.</returns>
    public bool TryArmDirectory(string path, WakeSignal signal) => TryArm(path, DirectoryEvents, signal);

    public void Dispose()
    {
        if (_thread is not null)
        {
            Inotify.Raise(_stop);
            _thread.Join();
        }

        _instance.Dispose();
        _stop.Dispose();
    }

    private bool TryArm(string path, uint events, WakeSignal signal)
    {
        if (!IsAvailable)
        {
            return false;
        }

        // Under the lock, so that the listener finds the signal however early the event comes.
        lock (_lock)
        {
            var watch = Inotify.Watch(_instance, path, events);
            if (watch < 0)
            {
                return false;
            }

            if (!_waiting.TryGetValue(watch, out var signals))
            {
                _waiting[watch] = signals = [];
            }

            if (!signals.Contains(signal))
            {
                signals.Add(signal);
            }

            return true;
        }
    }

    private void Listen()
    {
        var buffer = new byte[BufferSize];
        while (Inotify.WaitForEvents(_instance, _stop))
        {
            var events = buffer.AsSpan(0, (int)Math.Max(0, Inotify.ReadEvents(_instance, buffer)));
            while (events.Length >= Inotify.EventHeaderSize)
            {
                var watch = BinaryPrimitives.ReadInt32LittleEndian(events);
                var mask = BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
                Notify(watch, everybody: (mask & Inotify.Overflow) != 0);
                events = events[(Inotify.EventHeaderSize + BinaryPrimitives.ReadInt32LittleEndian(events[12..]))..];
            }
        }
    }

    private void Notify(int watch, bool everybody)
    {
        lock (_lock)
        {
            if (everybody)
            {
                foreach (var signal in _waiting.Values.SelectMany(signals => signals))
                {
                    signal.Set();
                }

                _waiting.Clear();
            }
            else if (_waiting.Remove(watch, out var signals))
            {
                signals.ForEach(signal => signal.Set());
            }
        }
    }
}
