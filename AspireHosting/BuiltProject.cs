using Aspire.Hosting;

namespace BackupSidecar.AspireHosting;

/// <summary>A project that was built together with the app host, which refers to it: to build it again at its start would take longer than the start, and two builds of one project disturb each other.</summary>
/// <param name="projectPath">Of the project file.</param>
internal sealed class BuiltProject(string projectPath) : IProjectMetadata
{
    public string ProjectPath => projectPath;

    public bool SuppressBuild => true;
}
