using BackupSidecar.DriveEmulator.Control;
using BackupSidecar.DriveEmulator.Faults;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Listing;
using BackupSidecar.DriveEmulator.OAuth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.DriveEmulator;

/// <summary>An emulator that listens: what the program runs, and what tests start in their own process.</summary>
public sealed class EmulatorHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Emulator _emulator;

    private EmulatorHost(WebApplication application, Emulator emulator, Uri baseAddress)
    {
        _application = application;
        _emulator = emulator;
        BaseAddress = baseAddress;
    }

    /// <summary>Such as <c>http://127.0.0.1:41234/</c>; what stands for www.googleapis.com, oauth2.googleapis.com and accounts.google.com at once.</summary>
    public Uri BaseAddress { get; }

    private string Origin => BaseAddress.GetLeftPart(UriPartial.Authority);

    public EmulatorClock Clock => _emulator.Clock;

    /// <summary>What was asked so far.</summary>
    public RequestLog Requests => _emulator.Requests;

    /// <summary>What goes wrong from now on.</summary>
    public FaultScript Faults => _emulator.Faults;

    /// <summary>How lists differ from the truth from now on.</summary>
    /// <exception cref="ArgumentException">A member is out of range; the old behaviour stays.</exception>
    public ListingBehaviour Listing
    {
        get => _emulator.Listed.Behaviour;
        set => _emulator.Listed.Behaviour = value;
    }

    /// <summary>Reads the state and listens.</summary>
    /// <exception cref="IOException">The address is taken, or the data directory cannot be used.</exception>
    public static Task<EmulatorHost> StartAsync(EmulatorOptions options, CancellationToken ct) => StartAsync(options, [], seed: 0, new ListingBehaviour(), ct);

    /// <summary>The same, with a fault script and lists as they are to be from the first call on.</summary>
    /// <inheritdoc cref="StartAsync(EmulatorOptions, CancellationToken)"/>
    public static async Task<EmulatorHost> StartAsync(EmulatorOptions options, IReadOnlyList<FaultRule> faults, int seed, ListingBehaviour listing, CancellationToken ct)
    {
        var emulator = Create(options, faults, seed, listing);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen);

            // A slow client and a large upload are what is to be tried here.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var application = builder.Build();
        application.Run(emulator.AnswerAsync);
        try
        {
            await application.StartAsync(ct);
        }
        catch
        {
            await application.DisposeAsync();
            emulator.Dispose();
            throw;
        }

        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new EmulatorHost(application, emulator, new Uri(address));
    }

    private static Emulator Create(EmulatorOptions options, IReadOnlyList<FaultRule> faults, int seed, ListingBehaviour listing)
    {
        var emulator = new Emulator(options);
        try
        {
            emulator.Faults.Set(faults, seed);
            emulator.Listed.Behaviour = listing;
            return emulator;
        }
        catch
        {
            emulator.Dispose();
            throw;
        }
    }

    /// <summary>Tokens of an account for an app, as if the account had agreed in a browser.</summary>
    /// <param name="account">Null: the default account.</param>
    /// <param name="clientId">Null: <c>emulator-client</c>.</param>
    /// <param name="scope">Separated by spaces; null: the full Drive scope.</param>
    public IssuedTokens IssueTokens(string? account = null, string? clientId = null, string? scope = null) => _emulator.Grants.Issue(account, clientId, scope);

    /// <summary>An OAuth client file in Google's format, whose addresses are this emulator's.</summary>
    public string ClientFile(string clientId, string secret) => GrantCalls.ClientFile(clientId, secret, Origin).ToJsonString();

    /// <summary>A new service account.</summary>
    /// <param name="email">Null: a new one.</param>
    /// <param name="actsFor">Users that it may act for; an asterisk: all.</param>
    /// <returns>Its key file, whose token_uri is this emulator.</returns>
    public string AddServiceAccount(string? email = null, params IReadOnlyList<string> actsFor) =>
        _emulator.Grants.AddServiceAccount(email, actsFor, Origin).ToJsonString();

    /// <summary>Ends all grants that fit; null: any.</summary>
    public void Revoke(string? account = null, string? clientId = null) => _emulator.Tokens.RevokeAll(account, clientId);

    /// <summary>What a user answers to a device that shows a code.</summary>
    /// <returns>False: no device waits with it.</returns>
    public bool AnswerDevice(string userCode, bool agrees) => _emulator.Tokens.Answer(userCode, _emulator.Options.Account, agrees);

    /// <summary>Ends when the process is told to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _application.WaitForShutdownAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _emulator.Dispose();
    }
}
