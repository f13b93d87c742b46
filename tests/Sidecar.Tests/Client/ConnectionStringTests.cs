using BackupSidecar.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace BackupSidecar.Tests.Client;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("unix:/run/app.sock", "unix:/run/app.sock", "")]
    [InlineData("unix:/run/a=b.sock", "unix:/run/a=b.sock", "")]
    [InlineData("Endpoint=unix:/run/app.sock", "unix:/run/app.sock", "")]
    [InlineData("endpoint=unix:///run/app.sock; Source=notes", "unix:///run/app.sock", "notes")]
    [InlineData("Source=notes;Endpoint=\"unix:/run/a;b.sock\"", "unix:/run/a;b.sock", "notes")]
    public void Address_and_source_are_read_from_it(string text, string address, string source)
    {
        var options = OptionsOf(text);

        Assert.Equal((address, source), (options.Address, options.Source));
    }

    [Fact]
    public void Another_name_is_looked_for_where_it_is_said()
    {
        var options = OptionsOf("unix:/run/app.sock", name: "ledger", options => options.ConnectionName = "ledger");

        Assert.Equal("unix:/run/app.sock", options.Address);
    }

    [Fact]
    public void What_the_app_sets_is_not_overruled()
    {
        var options = OptionsOf("Endpoint=unix:/run/app.sock;Source=notes", configure: options => options.Source = "ledger");
        Assert.Equal(("unix:/run/app.sock", "ledger"), (options.Address, options.Source));

        options = OptionsOf("Endpoint=unix:/run/app.sock;Source=notes", configure: options => options.Address = "unix:/run/other.sock");
        Assert.Equal(("unix:/run/other.sock", ""), (options.Address, options.Source));
    }

    [Theory]
    [InlineData("Endpoint=http://localhost:5000", "Address is 'http://localhost:5000'")]
    [InlineData("Source=notes", "Address is 'Source=notes'")]
    [InlineData(";;=", "Address is ';;='")]
    [InlineData("", "Address is empty: set it, the variable BACKUPSIDECAR_ADDRESS or the connection string 'backup'")]
    public void What_names_no_socket_is_refused_with_its_value(string text, string problem)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => OptionsOf(text));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_app_without_configuration_has_no_connection_strings()
    {
        using var services = new ServiceCollection().AddBackupSidecar(options => options.Address = "").BuildServiceProvider();

        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<BackupSidecarOptions>>().Value);
    }

    private static BackupSidecarOptions OptionsOf(string text, string name = "backup", Action<BackupSidecarOptions>? configure = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"ConnectionStrings:{name}", text)]).Build();
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddBackupSidecar(options =>
            {
                // The variable of whoever runs the tests is not asked.
                options.Address = "";
                configure?.Invoke(options);
            })
            .BuildServiceProvider();
        return services.GetRequiredService<IOptions<BackupSidecarOptions>>().Value;
    }
}
