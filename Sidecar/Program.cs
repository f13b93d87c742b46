Console.WriteLine("backup-sidecar");
