namespace BackupSidecar.Store;

/// <summary>The memory of all objects of one store that are read ahead: a few pieces, used again and again.</summary>
internal sealed class ReadAheadRoom
{
    /// <summary>Bytes of a piece: a third of a second on a line of 100 Mbit/s, so that the time until an answer is a small part of it.</summary>
    public const int PieceBytes = 4 << 20;

    /// <summary>Two objects that are read at the same time have enough; whoever finds none reads what he is asked for and no more.</summary>
    private const int PiecesMax = 8;

    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _free = [];
    private int _taken;

    public byte[]? TryTake()
    {
        lock (_gate)
        {
            if (_taken == PiecesMax)
            {
                return null;
            }

            _taken++;
            return _free.TryPop(out var piece) ? piece : GC.AllocateUninitializedArray<byte>(PieceBytes);
        }
    }

    public void Return(byte[] piece)
    {
        lock (_gate)
        {
            _taken--;
            if (_taken > 0)
            {
                _free.Push(piece);
            }
            else
            {
                // Nobody reads any more: an idle process holds nothing.
                _free.Clear();
            }
        }
    }
}
