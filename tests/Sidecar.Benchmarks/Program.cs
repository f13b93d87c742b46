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

return await new RootCommand("Measures BackupSidecar against what people use otherwise. Progress on stderr, a markdown report on stdout.") { core }
    .Parse(args)
    .InvokeAsync();
