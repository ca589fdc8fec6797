using Google.Protobuf;

namespace TKA.DevEnvironment.Cluster.Protobuf;

/// <summary>A field of a message as it was sent.</summary>
/// <param name="Number">Number in the message.</param>
/// <param name="Value">Value when it is a number.</param>
/// <param name="Bytes">Value when it is a string, bytes or a message; else empty.</param>
internal readonly record struct WireField(int Number, long Value, ByteString Bytes)
{
    /// <summary>The fields of a message in the order they were sent.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not in the wire format.</exception>
    public static IEnumerable<WireField> Read(ByteString message)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag and not 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            yield return WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => new(number, input.ReadInt64(), ByteString.Empty),
                WireFormat.WireType.Fixed64 => new(number, input.ReadSFixed64(), ByteString.Empty),
                WireFormat.WireType.Fixed32 => new(number, input.ReadSFixed32(), ByteString.Empty),
                WireFormat.WireType.LengthDelimited => new(number, 0, input.ReadBytes()),
                _ => throw new FormatException("unknown wire type"),
            };
        }
    }

    /// <summary>The last field with a number, which is the one that counts; an empty field when the message has no field of that number.</summary>
    public static WireField Find(ByteString message, int number) =>
        Read(message).Where(field => field.Number == number).LastOrDefault(new WireField(number, 0, ByteString.Empty));
}
