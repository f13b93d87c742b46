using System.Buffers.Text;
using System.Security.Cryptography;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>The bytes of all files, one file on disk each. What no file names is rubbish of a killed emulator and goes at the next start.</summary>
internal sealed class ContentFolder(string folder)
{
    /// <param name="used">The names that files hold.</param>
    public void Sweep(IReadOnlySet<string> used)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => !used.Contains(Path.GetFileName(path))).ToList())
        {
            File.Delete(path);
        }
    }

    /// <summary>A name that no content has.</summary>
    public static string NewName() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));

    public string PathOf(string name) => Path.Combine(folder, name);

    public FileStream OpenRead(FileContent content) =>
        new(PathOf(content.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);

    /// <summary>Whoever reads it now reads on to the end.</summary>
    public void Delete(FileContent? content)
    {
        if (content is not null)
        {
            File.Delete(PathOf(content.Name));
        }
    }
}
