using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Repository;

/// <summary>Somebody looks at a place for a repository, and between any two of his calls to the store another writer makes it one.</summary>
public sealed class RepositoryRaceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_writer_opens_what_another_has_just_made(bool createIfMissing) => AtEveryCallAsync(async store =>
    {
        await using var repository = await BackupRepository.OpenForWritingAsync(store, "me", createIfMissing, TimeProvider.System, Ct);
        return repository.Id;
    });

    [Fact]
    public Task A_reader_sees_it_or_says_that_there_is_none() => AtEveryCallAsync(async store => (await BackupRepository.OpenForReadingAsync(store, Ct)).Id);

    private static async Task AtEveryCallAsync(Func<IObjectStore, Task<Id128<RepositoryKind>>> openAsync)
    {
        var opened = 0;
        for (var call = 0; ; call++)
        {
            var store = new OvertakenStore(new MemoryStore(), call);
            Id128<RepositoryKind>? found = null;
            try
            {
                found = await openAsync(store);
                opened++;
            }
            catch (OperatorException e) when (e.Kind == FailureKind.RepositoryMissing)
            {
                // It looked too early.
            }

            if (store.Made is null)
            {
                break;
            }

            Assert.True(found is null || found == store.Made, $"Made before call {call}: {store.Made}, opened: {found}.");
        }

        Assert.NotEqual(0, opened);
    }

    /// <summary>Before one of its calls another writer makes a repository with a source, and is gone again.</summary>
    private sealed class OvertakenStore(IObjectStore inner, int call) : IObjectStore
    {
        private int _calls;

        public Id128<RepositoryKind>? Made { get; private set; }

        public string Location => inner.Location;

        public async ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct)
        {
            await EnterAsync(ct);
            return await inner.StageAsync(name, ct);
        }

        public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct)
        {
            await EnterAsync(ct);
            await inner.PutAsync(name, content, ct);
        }

        public async ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct)
        {
            await EnterAsync(ct);
            return await inner.OpenAsync(name, ct);
        }

        public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            await EnterAsync(ct);
            await foreach (var listing in inner.ListAsync(prefix, ct))
            {
                yield return listing;
            }
        }

        public async ValueTask<string?> FindForeignAsync(CancellationToken ct)
        {
            await EnterAsync(ct);
            return await inner.FindForeignAsync(ct);
        }

        public ValueTask DeleteAsync(ObjectName name, CancellationToken ct) => inner.DeleteAsync(name, ct);

        public ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct) => inner.DeleteAllAsync(names, ct);

        public async ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct)
        {
            await EnterAsync(ct);
            return await inner.LockForWritingAsync(holder, ct);
        }

        private async ValueTask EnterAsync(CancellationToken ct)
        {
            if (_calls++ == call)
            {
                try
                {
                    await using var other = await BackupRepository.OpenForWritingAsync(inner, "the other", createIfMissing: true, TimeProvider.System, ct);
                    _ = await other.RegisterSourceAsync("app", ct);
                    Made = other.Id;
                }
                catch (StoreLockedException)
                {
                    // From here on nobody overtakes.
                }
            }
        }
    }
}
