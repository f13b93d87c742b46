using System.ComponentModel;
using DotNet.Testcontainers.Configurations;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>Whether containers can be run here. Where none can, tests are skipped by name, unless <see cref="Required"/> is set.</summary>
internal static class Engine
{
    public const string Required = "BACKUPSIDECAR_REQUIRE_CONTAINERS";

    private static readonly Lazy<Task<string?>> Missing = new(FindMissingAsync);

    /// <summary>Makes the images, once for all tests.</summary>
    public static async Task RequireAsync()
    {
        if (await Missing.Value is not { } missing)
        {
            await Images.Made.Value;
            return;
        }

        if (Environment.GetEnvironmentVariable(Required) is not null)
        {
            Assert.Fail(missing);
        }

        Assert.Skip(missing);
    }

    private static async Task<string?> FindMissingAsync()
    {
        // The library would pull an image of its own to clean up: every scene removes what it made.
        TestcontainersSettings.ResourceReaperEnabled = false;
        if (Images.Program is null)
        {
            return $"There is no native program: publish it and name it in {Images.ProgramSetting}.";
        }

        try
        {
            _ = await Docker.RunAsync("version", CancellationToken.None);
            _ = await Docker.ProgramAsync("apt-get", ["--version"], CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            return $"No container engine answers, or there is no apt-get to make images with: {e.Message}";
        }
    }
}
