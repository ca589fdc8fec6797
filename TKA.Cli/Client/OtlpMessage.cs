using System.Buffers.Binary;
using System.Text;

namespace TKA.Cli.Client;

/// <summary>A protobuf message being written: as much of the format as one span needs.</summary>
internal sealed class OtlpMessage
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;

    private readonly List<byte> _bytes = [];

    /// <summary>Appends an integer or an enum.</summary>
    public OtlpMessage Number(int field, ulong value)
    {
        Tag(field, Varint);
        Write(value);
        return this;
    }

    /// <summary>Appends a <c>fixed64</c>.</summary>
    public OtlpMessage Fixed(int field, ulong value)
    {
        Tag(field, Fixed64);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Appends bytes; none are left out.</summary>
    public OtlpMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
        {
            Tag(field, LengthDelimited);
            Write((ulong)value.Length);
            _bytes.AddRange(value);
        }

        return this;
    }

    /// <summary>Appends a text.</summary>
    public OtlpMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Appends a message.</summary>
    public OtlpMessage Message(int field, OtlpMessage value) => Bytes(field, value.ToArray());

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    private void Tag(int field, int type) => Write((ulong)((field << 3) | type));

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
