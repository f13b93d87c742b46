return await BackupSidecar.DriveEmulator.Cli.CommandLine.RunAsync(args);
