using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Leads a scene to where the backup under test begins.</summary>
internal static class BackupSituations
{
    public static async Task PrepareAsync(ProofScene scene, BackupSituation situation)
    {
        scene.Execute(ProofScene.Create);
        if (situation == BackupSituation.First)
        {
            return;
        }

        await scene.BackupAsync();
        var older = await File.ReadAllBytesAsync(scene.Database, TestContext.Current.CancellationToken);
        scene.Execute(ProofScene.Change);
        await scene.BackupAsync();
        switch (situation)
        {
            case BackupSituation.NoChange:
                return;
            case BackupSituation.ReplacedFile:
                await File.WriteAllBytesAsync(scene.Database + ".older", older, TestContext.Current.CancellationToken);
                File.Move(scene.Database + ".older", scene.Database, overwrite: true);
                return;
            case BackupSituation.OtherPageSize:
                scene.Execute("PRAGMA page_size=1024; VACUUM;");
                return;
            case BackupSituation.LostState:
                scene.DeleteState();
                break;
            case BackupSituation.PackWithoutManifest or BackupSituation.PackWithoutManifestAndNoChange:
                scene.Execute(ProofScene.Change);
                await KillAfterPackAsync(scene);
                if (situation == BackupSituation.PackWithoutManifestAndNoChange)
                {
                    return;
                }

                break;
            default:
                break;
        }

        scene.Execute(ProofScene.Change);
    }

    /// <summary>Leaves a pack without a manifest.</summary>
    public static async Task KillAfterPackAsync(ProofScene scene)
    {
        scene.Remember();
        var counting = new FaultyStore(scene.Store, fault: null);
        await scene.BackupAsync(counting);
        var publish = counting.Log.ToList().FindIndex(what => what.StartsWith("publish packs/", StringComparison.Ordinal)) + 1;
        scene.GoBack();
        await Assert.ThrowsAsync<SimulatedKillException>(() => scene.BackupAsync(new FaultyStore(scene.Store, Fault.Kill(publish, FaultMoment.After))));
    }
}
