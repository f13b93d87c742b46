return await BackupSidecar.Cli.CommandLine.RunAsync(args);
