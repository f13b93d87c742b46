using System.Text;

namespace BackupSidecar.DriveEmulator.Query;

/// <summary>Splits a query into words, strings, operators and brackets.</summary>
internal static class Lexer
{
    /// <exception cref="QueryException">A character that no query has, or a string without an end.</exception>
    public static List<Token> Split(string query)
    {
        var tokens = new List<Token>();
        for (var position = 0; position < query.Length;)
        {
            if (char.IsWhiteSpace(query[position]))
            {
                position++;
                continue;
            }

            tokens.Add(Next(query, ref position));
        }

        tokens.Add(new Token(TokenKind.End, "", query.Length));
        return tokens;
    }

    private static Token Next(string query, ref int position)
    {
        var start = position;
        var letter = query[position];
        switch (letter)
        {
            case '(' or ')' or '{' or '}':
                position++;
                return new Token(letter switch { '(' => TokenKind.Open, ')' => TokenKind.Close, '{' => TokenKind.OpenBrace, _ => TokenKind.CloseBrace }, letter.ToString(), start);
            case '=' or '!' or '<' or '>':
                position += position + 1 < query.Length && query[position + 1] == '=' ? 2 : 1;
                return query[start..position] is "!" ? throw new QueryException(start) : new Token(TokenKind.Operator, query[start..position], start);
            case '\'' or '"':
                return Text(query, ref position, letter);
            default:
                while (position < query.Length && (char.IsAsciiLetterOrDigit(query[position]) || query[position] is '_' or '.'))
                {
                    position++;
                }

                return position > start ? new Token(TokenKind.Word, query[start..position], start) : throw new QueryException(start);
        }
    }

    /// <summary>A backslash takes the next character as it is; Drive asks for it before a quote and before itself.</summary>
    private static Token Text(string query, ref int position, char quote)
    {
        var start = position++;
        var text = new StringBuilder();
        while (position < query.Length && query[position] != quote)
        {
            if (query[position] == '\\' && position + 1 < query.Length)
            {
                position++;
            }

            text.Append(query[position++]);
        }

        if (position == query.Length)
        {
            throw new QueryException(start);
        }

        position++;
        return new Token(TokenKind.Text, text.ToString(), start);
    }
}
