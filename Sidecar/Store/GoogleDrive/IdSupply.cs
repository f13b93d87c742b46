using BackupSidecar.Store.GoogleDrive.Client;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Ids under which files can be created, had from Drive many at a time. One that is not used is lost and costs nothing.</summary>
internal sealed class IdSupply(DriveConnection connection) : IDisposable
{
    private const int BatchCount = 50;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<string> _ids = [];

    public async ValueTask<string> NextAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_ids.Count == 0)
            {
                const string Step = "get ids for new files";
                var answer = await connection.Retry.CallAsync(
                    Step,
                    async token =>
                    {
                        var request = connection.Service.Files.GenerateIds();
                        request.Count = BatchCount;
                        var generated = await request.ExecuteAsync(token);
                        return generated is { Ids.Count: > 0 } ? generated : throw new UnexpectedAnswerException("no ids came");
                    },
                    ct);
                answer.Ids!.ForEach(_ids.Enqueue);
            }

            return _ids.Dequeue();
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
