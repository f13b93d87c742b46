using System.Runtime.InteropServices;

namespace BackupSidecar.Cli.Running;

/// <summary>Passes the signals that this process gets on to another one.</summary>
internal sealed partial class SignalRelay : IDisposable
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int User1 = 10;
    private const int User2 = 12;
    private const int Terminate = 15;
    private const int WindowChange = 28;

    /// <summary>Each with its number, the same on every Linux that .NET runs on.</summary>
    private static readonly (PosixSignal Signal, int Number)[] Signals =
    [
        (PosixSignal.SIGHUP, HangUp), (PosixSignal.SIGINT, Interrupt), (PosixSignal.SIGQUIT, Quit), ((PosixSignal)User1, User1), ((PosixSignal)User2, User2), (PosixSignal.SIGTERM, Terminate),
        (PosixSignal.SIGWINCH, WindowChange),
    ];

    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _process;

    /// <param name="isTerminal">True: the terminal itself sends its interrupts to both.</param>
    public SignalRelay(bool isTerminal) => _registrations =
        [.. Signals.Select(signal => PosixSignalRegistration.Create(signal.Signal, context => Take(context, signal.Number, isOfTerminal: isTerminal && signal.Number is Interrupt or Quit or WindowChange)))];

    /// <summary>Completes with the number of a signal that asked this process to end while there was no other one.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>From now on signals go to this one.</summary>
    public void Follow(int process)
    {
        lock (_gate)
        {
            _process = process;
        }
    }

    /// <summary>It has ended: its number may be another process's from now on.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _process = null;
        }
    }

    /// <summary>Asks it to end.</summary>
    public void AskToEnd() => TrySend(Terminate);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Take(PosixSignalContext context, int number, bool isOfTerminal)
    {
        context.Cancel = true;
        if (!(isOfTerminal ? HasProcess : TrySend(number)) && number is HangUp or Interrupt or Quit or Terminate)
        {
            _ = _ended.TrySetResult(number);
        }
    }

    private bool HasProcess
    {
        get
        {
            lock (_gate)
            {
                return _process is not null;
            }
        }
    }

    /// <returns>False: there is none.</returns>
    private bool TrySend(int number)
    {
        lock (_gate)
        {
            if (_process is { } process)
            {
                _ = Kill(process, number);
            }

            return _process is not null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
