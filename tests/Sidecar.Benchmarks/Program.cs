using System.CommandLine;
using BackupSidecar.Benchmarks;

var sizeMegabytes = new Option<int>("--size-mb") { Description = "Size of the database in MB.", DefaultValueFactory = _ => 1000 };
var runs = new Option<int>("--runs") { Description = "Runs of each figure; the median counts.", DefaultValueFactory = _ => 5 };
var scratch = new Option<string>("--scratch") { Description = "Where databases and repositories go; needs five times the size.", DefaultValueFactory = _ => Path.GetTempPath() };
var binary = new Option<string?>("--binary") { Description = "The published program; published from this solution if not given." };
var large = new Option<int>("--large-mb") { Description = "Also measures memory on a database of this size in MB; 0: not.", DefaultValueFactory = _ => 0 };
var only = new Option<Phase[]>("--only") { Description = "Only these figures.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<Phase>() };

var core = new Command("core", "Full backups, increments, restores, memory, the writer's latency, start-up.") { sizeMegabytes, runs, scratch, binary, large, only };
core.SetAction(async (parsed, ct) =>
{
    var options = new CoreOptions(
        parsed.GetValue(sizeMegabytes),
        parsed.GetValue(runs),
        parsed.GetValue(scratch)!,
        parsed.GetValue(binary),
        parsed.GetValue(large),
        [.. parsed.GetValue(only)!]);
    Console.WriteLine(await new CoreBenchmark(options, TimeProvider.System).RunAsync(ct));
    return 0;
});

var pairs = new Option<int>("--pairs") { Description = "Pairs with and without serve; the other figures have as many runs, or a multiple.", DefaultValueFactory = _ => 10 };
var halfSeconds = new Option<int>("--half-seconds") { Description = "How long each half of a pair writes.", DefaultValueFactory = _ => 8 };
var idleSeconds = new Option<int>("--idle-seconds") { Description = "How long an idle serve is watched.", DefaultValueFactory = _ => 60 };
var databases = new Option<int>("--databases") { Description = "How many are followed at once for the second figure of idle memory.", DefaultValueFactory = _ => 100 };
var minutes = new Option<int>("--minutes") { Description = "Minutes of mixed load.", DefaultValueFactory = _ => 60 };
var largePages = new Option<int>("--large-mb") { Description = "Also captures 600 pages of a database of this size in MB; 0: not.", DefaultValueFactory = _ => 0 };
var onlyContinuous = new Option<ContinuousPhase[]>("--only") { Description = "Only these figures.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<ContinuousPhase>() };

var continuous = new Command("continuous", "What serve takes until a commit is safe, and what it costs the app beside it.")
{
    sizeMegabytes, pairs, halfSeconds, idleSeconds, databases, minutes, scratch, binary, largePages, onlyContinuous,
};
continuous.SetAction(async (parsed, ct) =>
{
    var options = new ContinuousOptions(
        parsed.GetValue(sizeMegabytes),
        parsed.GetValue(pairs),
        parsed.GetValue(halfSeconds),
        parsed.GetValue(idleSeconds),
        parsed.GetValue(databases),
        parsed.GetValue(minutes),
        parsed.GetValue(scratch)!,
        parsed.GetValue(binary),
        parsed.GetValue(largePages),
        [.. parsed.GetValue(onlyContinuous)!]);
    Console.WriteLine(await new ContinuousBenchmark(options, TimeProvider.System).RunAsync(ct));
    return 0;
});

var emulator = new Option<string?>("--emulator") { Description = "The built Drive emulator; built from this solution if not given." };
var remoteRuns = new Option<int>("--runs") { Description = "Pairs of a full to the emulator and one to a directory; the median counts.", DefaultValueFactory = _ => 3 };
var remoteIdle = new Option<int>("--idle-seconds") { Description = "How long an idle serve is watched.", DefaultValueFactory = _ => 180 };
var remoteMinutes = new Option<int>("--minutes") { Description = "Minutes of one commit a second.", DefaultValueFactory = _ => 30 };
var onlyRemote = new Option<RemotePhase[]>("--only") { Description = "Only these figures.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<RemotePhase>() };

var remote = new Command("remote", "What a repository in Google Drive costs, by the emulator: time, line, bytes, requests, memory.")
{
    sizeMegabytes, remoteRuns, remoteIdle, remoteMinutes, scratch, binary, emulator, onlyRemote,
};
remote.SetAction(async (parsed, ct) =>
{
    var options = new RemoteOptions(
        parsed.GetValue(sizeMegabytes),
        parsed.GetValue(remoteRuns),
        parsed.GetValue(remoteIdle),
        parsed.GetValue(remoteMinutes),
        parsed.GetValue(scratch)!,
        parsed.GetValue(binary),
        parsed.GetValue(emulator),
        [.. parsed.GetValue(onlyRemote)!]);
    Console.WriteLine(await new RemoteBenchmark(options, TimeProvider.System).RunAsync(ct));
    return 0;
});

var containerMegabytes = new Option<int>("--size-mb") { Description = "Size of the database in MB.", DefaultValueFactory = _ => 100 };
var containerRuns = new Option<int>("--runs") { Description = "Starts and restores; the median counts.", DefaultValueFactory = _ => 20 };
var settleSeconds = new Option<int>("--settle-seconds") { Description = "How long serve is left alone before its memory is looked at.", DefaultValueFactory = _ => 30 };
var image = new Option<string>("--image") { Description = "The image that is measured; as the container tests leave it if not given.", DefaultValueFactory = _ => "backup-sidecar:under-test" };
var onlyContainers = new Option<ContainerPhase[]>("--only") { Description = "Only these figures.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<ContainerPhase>() };

var containers = new Command("containers", "What the image costs: size, start, restore before an app starts, memory, and the time of its tests.")
{
    containerMegabytes, containerRuns, settleSeconds, image, binary, scratch, onlyContainers,
};
containers.SetAction(async (parsed, ct) =>
{
    var options = new ContainerOptions(
        parsed.GetValue(containerMegabytes),
        parsed.GetValue(containerRuns),
        parsed.GetValue(settleSeconds),
        parsed.GetValue(image)!,
        parsed.GetValue(binary),
        parsed.GetValue(scratch)!,
        [.. parsed.GetValue(onlyContainers)!]);
    Console.WriteLine(await new ContainerBenchmark(options, TimeProvider.System).RunAsync(ct));
    return 0;
});

return await new RootCommand("Measures BackupSidecar against what people use otherwise. Progress on stderr, a markdown report on stdout.") { core, continuous, remote, containers }
    .Parse(args)
    .InvokeAsync();
