using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Protobuf;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Protobuf;

public sealed class ProtobufDecoderTests
{
    // What kubectl 1.32 sends for `kubectl auth whoami`.
    private const string SelfSubjectReview =
        "6b3873000a2d0a1861757468656e7469636174696f6e2e6b38732e696f2f7631121153656c665375626a656374526576696577121a0a100a0012001a0022002a00320038004200120"
        + "60a040a0012001a002200";

    [Fact]
    public void An_envelope_becomes_the_object_without_what_was_not_set()
    {
        var decoded = ProtobufDecoder.Decode(Convert.FromHexString(SelfSubjectReview));

        Assert.Equal("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview","metadata":{},"status":{"userInfo":{}}}""", decoded.ToJsonString());
    }

    [Fact]
    public void Scalars_lists_maps_and_optional_zeros_are_read()
    {
        // apps/v1 Deployment: metadata{name: "d", labels{a: b}}, spec{replicas: 0, template{spec{containers[{name: "c", args: ["x", ""]}]}}}
        byte[] container = [.. Field(1, "c"u8), .. Field(4, "x"u8), .. Field(4, ""u8)];
        byte[] metadata = [.. Field(1, "d"u8), .. Field(3, ""u8), .. Field(11, [.. Field(1, "a"u8), .. Field(2, "b"u8)])];
        byte[] spec = [0x08, 0x00, .. Field(3, Field(2, Field(2, container)))];

        var decoded = ProtobufDecoder.Decode(Envelope("apps/v1", "Deployment", [.. Field(1, metadata), .. Field(2, spec)]));

        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"b"}},"spec":{"replicas":0,"template":{"spec":{"containers":[{"name":"c","args":["x",""]}]}}}}""",
            decoded.ToJsonString());
    }

    [Fact]
    public void A_type_without_messages_is_an_unsupported_media_type()
    {
        var refusal = Assert.Throws<StatusException>(() => ProtobufDecoder.Decode(Envelope("tka.specht-labs.de/v1alpha1", "TkaSignin", [])));

        Assert.Equal(415, refusal.Code);
    }

    [Fact]
    public void Damaged_bodies_are_refused_never_a_fault()
    {
        var random = new Random(20261124);
        var whole = Envelope("v1", "Pod", [.. Field(1, Field(1, "p"u8)), .. Field(2, Field(2, [.. Field(1, "c"u8), .. Field(8, Field(1, [.. Field(1, "cpu"u8), .. Field(2, Field(1, "1"u8))]))]))]);
        Assert.NotNull(ProtobufDecoder.Decode(whole));
        for (var i = 0; i < 5000; i++)
        {
            var damaged = whole[..random.Next(whole.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && damaged.Length > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                ProtobufDecoder.Decode(damaged);
            }
            catch (StatusException exception)
            {
                Assert.InRange(exception.Code, 400, 499);
            }
        }
    }

    private static byte[] Envelope(string apiVersion, string kind, byte[] content) =>
    [
        .. "k8s\0"u8,
        .. Field(1, [.. Field(1, System.Text.Encoding.UTF8.GetBytes(apiVersion)), .. Field(2, System.Text.Encoding.UTF8.GetBytes(kind))]),
        .. Field(2, content),
    ];

    private static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        Assert.InRange(content.Length, 0, 127);
        return [(byte)((number << 3) | 2), (byte)content.Length, .. content];
    }
}
