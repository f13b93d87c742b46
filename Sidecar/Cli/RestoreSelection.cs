using System.CommandLine;
using System.CommandLine.Parsing;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using ProtoTimestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace BackupSidecar.Cli;

/// <summary>Which restore point is meant: the newest, unless told otherwise.</summary>
internal sealed class RestoreSelection
{
    private readonly Option<string> _backup = CommonOptions.Text("--backup", "ID", "The backup with this id, or the first digits of it.");
    private readonly Option<string> _label = CommonOptions.Text("--label", "LABEL", "The newest backup with this label.");
    private readonly Option<string> _position = CommonOptions.Text("--position", "N", "The position of this number, as 'list' shows it.");
    private readonly Option<string> _at = CommonOptions.Text("--at", "TIME", $"The newest restore point not after this moment: {TimeText.Allowed}.");

    public RestoreSelection()
    {
        _backup.Validators.Add(Rules.Valid(RestorePointSelector.ValidateBackup));
        _label.Validators.Add(Rules.Valid(text => BackupLabel.Validate(text)));
        _position.Validators.Add(Rules.Valid(RestorePointSelector.ValidatePosition));
        _at.Validators.Add(Rules.Moment);
    }

    public IReadOnlyList<Option> Options => [_backup, _label, _position, _at];

    public Action<CommandResult> AtMostOne => Rules.AtMostOne(_backup, _label, _position, _at);

    public RestoreSelector Of(ParseResult parsed, Surroundings surroundings) => parsed switch
    {
        _ when parsed.GetValue(_backup) is { } backup => new RestoreSelector { Backup = backup },
        _ when parsed.GetValue(_label) is { } label => new RestoreSelector { Label = label },
        _ when parsed.GetValue(_position) is { } position => new RestoreSelector { Position = position },
        _ when parsed.GetValue(_at) is { } at && TimeText.TryParse(at, surroundings.Time.GetUtcNow(), out var time) => new RestoreSelector { Time = ProtoTimestamp.FromDateTimeOffset(time) },
        _ => new RestoreSelector(),
    };

    /// <summary>The same for a restore by this process.</summary>
    public RestoreChoice ChoiceOf(ParseResult parsed, Surroundings surroundings)
    {
        DateTimeOffset? at = parsed.GetValue(_at) is { } text && TimeText.TryParse(text, surroundings.Time.GetUtcNow(), out var time) ? time : null;
        return new RestoreChoice(parsed.GetValue(_backup), parsed.GetValue(_label), parsed.GetValue(_position), at);
    }
}
