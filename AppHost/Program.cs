var builder = DistributedApplication.CreateBuilder(args);
builder.AddProject<Projects.Sidecar>("backup").WithArgs("--version");
builder.Build().Run();
