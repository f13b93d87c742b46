using System.Buffers.Binary;
using System.Text;

namespace BackupSidecar.Source;

/// <summary>The names of the tables of a database, read from the pages of its schema: SQL would create files beside a dormant database.</summary>
/// <remarks>
/// SQLite file format, sections 1.6 and 2.1. The schema is a table b-tree with its root on page 1; a record holds type, name, tbl_name, …
/// A name that does not lie on its own page (only with tiny pages or huge names) is passed over.
/// </remarks>
internal static class SchemaTables
{
    private const int PagesMax = 2000;
    private const int TextEncodingOffset = 56;
    private const int ReservedOffset = 20;
    private const byte InteriorTable = 5;
    private const byte LeafTable = 13;
    private const int FirstTextSerial = 13;

    public static IReadOnlyList<string> Read(IDatabaseImage image)
    {
        var shape = image.Facts.Shape;
        if (shape.PageCount == 0)
        {
            return [];
        }

        var page = new byte[shape.PageSizeBytes];
        image.ReadPages(1, page);
        var encoding = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(TextEncodingOffset)) switch
        {
            2 => Encoding.Unicode,
            3 => Encoding.BigEndianUnicode,
            _ => Encoding.UTF8,
        };
        var usable = shape.PageSizeBytes - page[ReservedOffset];
        var names = new List<string>();
        var waiting = new Queue<uint>([1]);
        var seen = new HashSet<uint>(waiting);
        while (waiting.TryDequeue(out var number) && seen.Count < PagesMax)
        {
            image.ReadPages(number, page);
            var header = number == 1 ? DatabaseHeader.Size : 0;
            foreach (var child in ReadPage(page.AsSpan(0, usable), header, encoding, names))
            {
                if (child >= 1 && child <= shape.PageCount && seen.Add(child))
                {
                    waiting.Enqueue(child);
                }
            }
        }

        return names;
    }

    /// <returns>The pages below.</returns>
    private static List<uint> ReadPage(ReadOnlySpan<byte> page, int header, Encoding encoding, List<string> names)
    {
        var children = new List<uint>();
        var kind = page[header];
        if (kind is not (InteriorTable or LeafTable))
        {
            return children;
        }

        var count = BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]);
        var pointers = header + (kind == LeafTable ? 8 : 12);
        for (var i = 0; i < count && pointers + (2 * i) + 2 <= page.Length; i++)
        {
            var cell = BinaryPrimitives.ReadUInt16BigEndian(page[(pointers + (2 * i))..]);
            if (cell + 4 > page.Length)
            {
                continue;
            }

            if (kind == InteriorTable)
            {
                children.Add(BinaryPrimitives.ReadUInt32BigEndian(page[cell..]));
            }
            else if (TryReadName(page[cell..], encoding) is { } name)
            {
                names.Add(name);
            }
        }

        if (kind == InteriorTable)
        {
            children.Add(BinaryPrimitives.ReadUInt32BigEndian(page[(header + 8)..]));
        }

        return children;
    }

    private static string? TryReadName(ReadOnlySpan<byte> cell, Encoding encoding)
    {
        var rest = cell;
        if (!TryReadVarint(ref rest, out _) || !TryReadVarint(ref rest, out _))
        {
            return null;
        }

        var record = rest;
        if (!TryReadVarint(ref rest, out var headerLength) || !TryReadVarint(ref rest, out var typeSerial) || !TryReadVarint(ref rest, out var nameSerial))
        {
            return null;
        }

        var (typeLength, nameLength) = (LengthOf(typeSerial), LengthOf(nameSerial));
        if (typeLength < 0 || nameLength <= 0 || headerLength < 0 || headerLength + typeLength + nameLength > record.Length)
        {
            return null;
        }

        var type = encoding.GetString(record.Slice((int)headerLength, (int)typeLength));
        return type == "table" ? encoding.GetString(record.Slice((int)(headerLength + typeLength), (int)nameLength)) : null;
    }

    /// <summary>-1 of what is no text.</summary>
    private static long LengthOf(long serial) => serial >= FirstTextSerial && serial % 2 == 1 ? (serial - FirstTextSerial) / 2 : -1;

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var i = 0; i < 9 && i < bytes.Length; i++)
        {
            value = i == 8 ? (value << 8) | bytes[i] : (value << 7) | (uint)(bytes[i] & 0x7F);
            if (i == 8 || bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
