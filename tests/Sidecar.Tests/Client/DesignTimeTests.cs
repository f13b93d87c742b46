using System.Reflection;
using System.Runtime.Loader;
using BackupSidecar.Client;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace BackupSidecar.Tests.Client;

public sealed class DesignTimeTests
{
    /// <summary>The one member of Entity Framework Core that is looked at, in an assembly of its name.</summary>
    private const string EntityFramework = "namespace Microsoft.EntityFrameworkCore { public static class EF { public static bool IsDesignTime { get; set; } } }";

    [Fact]
    public async Task Nothing_is_asked_of_a_sidecar_while_entity_framework_looks_at_the_app()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.False(DesignTime.IsNow);
        var isDesignTime = LoadEntityFramework();
        Assert.False(DesignTime.IsNow);
        isDesignTime.SetValue(null, true);
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            _ = builder.Services.AddBackupSidecar(options => options.Address = "unix:/nowhere/app.sock");
            using var host = builder.Build();

            Assert.Equal(DatabasePreparation.Skipped, (await host.PrepareDatabaseAsync(ct)).Preparation);
            await host.StartAsync(ct);
            await host.StopAsync(ct);
        }
        finally
        {
            isDesignTime.SetValue(null, false);
        }
    }

    private static PropertyInfo LoadEntityFramework()
    {
        var compilation = CSharpCompilation.Create(
            "Microsoft.EntityFrameworkCore",
            [CSharpSyntaxTree.ParseText(EntityFramework, cancellationToken: TestContext.Current.CancellationToken)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        Assert.True(compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        image.Position = 0;
        var assembly = AssemblyLoadContext.Default.LoadFromStream(image);
        AssemblyLoadContext.Default.Resolving += (_, name) => name.Name == assembly.GetName().Name ? assembly : null;
        return assembly.GetType("Microsoft.EntityFrameworkCore.EF")!.GetProperty("IsDesignTime")!;
    }
}
