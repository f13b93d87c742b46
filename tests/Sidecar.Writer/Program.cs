using System.Text.Json.Nodes;
using BackupSidecar.Writer;

// An application of its own process, for tests: it opens databases with SQLite and does what its standard input says.
// One JSON command a line in, one JSON answer a line out: {"ok":true,…} or {"error":"…","code":5}. The end of the input is a crash
// of whoever gave the commands, so the program leaves as it is, without closing anything.
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
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
