using System.Buffers.Binary;

namespace TKA.DevEnvironment.Cluster.Protobuf;

/// <summary>Reads the protocol buffer wire format (https://protobuf.dev/programming-guides/encoding/).</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Value of the current field when it is a number.</summary>
    public long Number { get; private set; }

    /// <summary>Value of the current field when it is a string, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Reads the next field and returns its number; 0 at the end.</summary>
    /// <exception cref="FormatException">The bytes are not in the wire format.</exception>
    public int Next()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }

        var tag = Varint();
        Number = 0;
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = (long)Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException("unknown wire type");
        }

        var field = tag >> 3;
        return field is > 0 and <= 536_870_911 ? (int)field : throw new FormatException("illegal field number");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new FormatException("unexpected end");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("number too long");
    }
}
