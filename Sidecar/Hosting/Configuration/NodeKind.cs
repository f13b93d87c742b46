namespace BackupSidecar.Hosting.Configuration;

/// <summary>What a configuration value is in JSON; from elsewhere it is text without a type.</summary>
internal enum NodeKind
{
    Unspecified = 0,
    Section,
    List,
    Text,
    Number,
    Flag,
    Null,

    /// <summary>From a variable or an option: it is what its key asks for, if it can be read as that.</summary>
    Untyped,
}
