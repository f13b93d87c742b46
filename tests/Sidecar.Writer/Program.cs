using System.Globalization;
using System.Text.Json.Nodes;
using BackupSidecar.Writer;

// An application of its own process, for tests: it opens databases with SQLite and does what its standard input says.
// One JSON command a line in, one JSON answer a line out: {"ok":true,…} or {"error":"…","code":5}. The end of the input is a crash
// of whoever gave the commands, so the program leaves as it is, without closing anything.
// With "proxy PORT" it is a line to that port instead, which its standard input breaks: see Proxy.
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
if (args is ["proxy", var port])
{
    await new Proxy(int.Parse(port, CultureInfo.InvariantCulture), TextWriter.Synchronized(output), TimeProvider.System).RunAsync(Console.In);
    return 0;
}

using var application = new Application();
while (await Console.In.ReadLineAsync() is { } line)
{
    var answer = application.Answer(JsonNode.Parse(line)!.AsObject());
    await output.WriteLineAsync(answer.ToJsonString());
    if (application.IsFinished)
    {
        return 0;
    }
}

Libc.ExitNow(1);
return 1;
