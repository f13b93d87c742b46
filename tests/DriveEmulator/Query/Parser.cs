using System.Globalization;

namespace BackupSidecar.DriveEmulator.Query;

/// <summary>Reads the part of Drive's query language that a backup tool uses, and makes a condition of it.</summary>
/// <remarks>
/// <code>
/// or         = and { "or" and }
/// and        = not { "and" not }
/// not        = "not" not | "(" or ")" | term
/// term       = text "in" ("parents" | "owners" | "writers" | "readers")
///            | ("name" | "mimeType" | "fullText") ("=" | "!=" | "contains") text
///            | ("trashed" | "starred" | "sharedWithMe") [("=" | "!=") ("true" | "false")]
///            | ("modifiedTime" | "createdTime") ("=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=") text
///            | ("appProperties" | "properties") "has" "{" "key" "=" text "and" "value" "=" text "}"
/// </code>
/// </remarks>
internal sealed class Parser
{
    private readonly List<Token> _tokens;
    private int _next;

    private Parser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_next];

    /// <exception cref="QueryException">It is no query, or uses what the emulator does not know.</exception>
    public static Func<QuerySubject, bool> Parse(string query)
    {
        var parser = new Parser(Lexer.Split(query));
        var condition = parser.Or();
        return parser.Current.Kind == TokenKind.End ? condition : throw parser.Unexpected();
    }

    private Func<QuerySubject, bool> Or()
    {
        var condition = And();
        while (TryTakeWord("or"))
        {
            var (left, right) = (condition, And());
            condition = subject => left(subject) || right(subject);
        }

        return condition;
    }

    private Func<QuerySubject, bool> And()
    {
        var condition = Not();
        while (TryTakeWord("and"))
        {
            var (left, right) = (condition, Not());
            condition = subject => left(subject) && right(subject);
        }

        return condition;
    }

    private Func<QuerySubject, bool> Not()
    {
        if (TryTakeWord("not"))
        {
            var inner = Not();
            return subject => !inner(subject);
        }

        if (Current.Kind == TokenKind.Open)
        {
            _next++;
            var inner = Or();
            _ = Take(TokenKind.Close);
            return inner;
        }

        return Current.Kind == TokenKind.Text ? Membership() : Term();
    }

    private Func<QuerySubject, bool> Membership()
    {
        var value = Take(TokenKind.Text).Text;
        TakeWord("in");
        return Take(TokenKind.Word).Text switch
        {
            "parents" => subject => subject.File.ParentId == (value == "root" ? subject.RootId : value),
            "owners" => subject => subject.File.Owner == value,
            "writers" => subject => subject.File.Owner == value || subject.File.Roles.GetValueOrDefault(value) is "writer" or "fileOrganizer" or "organizer",
            "readers" => subject => subject.File.Owner == value || subject.File.Roles.ContainsKey(value),
            _ => throw Back(),
        };
    }

    private Func<QuerySubject, bool> Term() => Take(TokenKind.Word).Text switch
    {
        "name" => Name(),
        "fullText" => FullText(),
        "mimeType" => Text(subject => subject.File.MimeType, (value, wanted) => value.StartsWith(wanted, StringComparison.Ordinal)),
        "trashed" => Flag(subject => subject.IsTrashed),
        "starred" => Flag(subject => subject.File.Starred),
        "sharedWithMe" => Flag(subject => subject.File.Roles.Count > 0 && subject.File.DriveId is null),
        "modifiedTime" => Time(subject => subject.File.Modified),
        "createdTime" => Time(subject => subject.File.Created),
        "appProperties" => Property(subject => subject.File.AppProperties.GetValueOrDefault(subject.ClientId)),
        "properties" => Property(subject => subject.File.Properties),
        _ => throw Back(),
    };

    /// <summary>Equality of names ignores case in Drive; contains is a prefix of a word.</summary>
    private Func<QuerySubject, bool> Name() => Text(subject => subject.File.Name, HasWordPrefix);

    private Func<QuerySubject, bool> FullText()
    {
        TakeWord("contains");
        var wanted = Take(TokenKind.Text).Text;
        return subject => HasWordPrefix(subject.File.Name, wanted) || HasWordPrefix(subject.File.Description ?? "", wanted);
    }

    private Func<QuerySubject, bool> Text(Func<QuerySubject, string> value, Func<string, string, bool> contains)
    {
        var sign = Take(Current.Kind == TokenKind.Word ? TokenKind.Word : TokenKind.Operator).Text;
        var wanted = Take(TokenKind.Text).Text;
        return sign switch
        {
            "=" => subject => string.Equals(value(subject), wanted, StringComparison.OrdinalIgnoreCase),
            "!=" => subject => !string.Equals(value(subject), wanted, StringComparison.OrdinalIgnoreCase),
            "contains" => subject => contains(value(subject), wanted),
            _ => throw Back(),
        };
    }

    private Func<QuerySubject, bool> Flag(Func<QuerySubject, bool> value)
    {
        if (Current.Kind != TokenKind.Operator)
        {
            return value;
        }

        var sign = Take(TokenKind.Operator).Text;
        var isWanted = Take(TokenKind.Word).Text switch { "true" => true, "false" => false, _ => throw Back() };
        return sign switch
        {
            "=" => subject => value(subject) == isWanted,
            "!=" => subject => value(subject) != isWanted,
            _ => throw Back(),
        };
    }

    private Func<QuerySubject, bool> Time(Func<QuerySubject, DateTimeOffset> value)
    {
        var sign = Take(TokenKind.Operator).Text;
        var text = Take(TokenKind.Text).Text;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var wanted))
        {
            throw Back();
        }

        return sign switch
        {
            "=" => subject => value(subject) == wanted,
            "!=" => subject => value(subject) != wanted,
            "<" => subject => value(subject) < wanted,
            "<=" => subject => value(subject) <= wanted,
            ">" => subject => value(subject) > wanted,
            ">=" => subject => value(subject) >= wanted,
            _ => throw Back(),
        };
    }

    private Func<QuerySubject, bool> Property(Func<QuerySubject, IReadOnlyDictionary<string, string>?> pairs)
    {
        TakeWord("has");
        _ = Take(TokenKind.OpenBrace);
        TakeWord("key");
        TakeEquals();
        var key = Take(TokenKind.Text).Text;
        TakeWord("and");
        TakeWord("value");
        TakeEquals();
        var value = Take(TokenKind.Text).Text;
        _ = Take(TokenKind.CloseBrace);
        return subject => pairs(subject)?.GetValueOrDefault(key) == value;
    }

    /// <summary>"contains" on names finds prefixes of words only: 'Hello' and 'World' in HelloWorld World, not 'loWo'.</summary>
    private static bool HasWordPrefix(string text, string wanted)
    {
        for (var start = text.IndexOf(wanted, StringComparison.OrdinalIgnoreCase); start >= 0; start = text.IndexOf(wanted, start + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (start == 0 || !char.IsLetterOrDigit(text[start - 1]))
            {
                return true;
            }

            if (start + 1 >= text.Length)
            {
                break;
            }
        }

        return false;
    }

    private Token Take(TokenKind kind) => Current.Kind == kind ? _tokens[_next++] : throw Unexpected();

    private void TakeWord(string word)
    {
        if (!TryTakeWord(word))
        {
            throw Unexpected();
        }
    }

    private void TakeEquals()
    {
        if (Take(TokenKind.Operator).Text != "=")
        {
            throw Back();
        }
    }

    private bool TryTakeWord(string word)
    {
        if (Current.Kind != TokenKind.Word || !Current.Text.Equals(word, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        _next++;
        return true;
    }

    private QueryException Unexpected() => new(Current.Position);

    private QueryException Back() => new(_tokens[_next - 1].Position);
}
