using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using TKA.DevEnvironment.Tailnet.Policy;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>A node of the embedded tailnet, with everything a control plane would have given it.</summary>
internal sealed record TailnetNode
{
    /// <summary>DNS suffix of the tailnet.</summary>
    public const string DnsSuffix = "tail0dev.ts.net";

    /// <summary>Short name of TKA's own node.</summary>
    public const string Tka = "tka";

    private const string UlaPrefix = "fd7a:115c:a1e0:ab12:4843:cd96:6240";

    /// <summary>The pseudo user that owns every tagged node.</summary>
    public static TailnetUser TaggedDevices { get; } = TailnetUser.Create("tagged-devices", "Tagged Devices");

    public required int Id { get; init; }

    public required string Name { get; init; }

    public required TailnetUser User { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public bool Expired { get; init; }

    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>Changes with the owner: when another user logs in to a device, it becomes another node.</summary>
    public string StableId => $"n{Digest("id")[..9]}CNTRL";

    public string Key => $"nodekey:{Digest("key")}";

    /// <summary>Creates a node whose tailnet addresses follow from its number.</summary>
    /// <param name="id">1 for TKA's own node; 1 + the low 16 bits of the loopback address for devices.</param>
    /// <param name="device">What the policy says of it.</param>
    public static TailnetNode Create(int id, PolicyDevice device) => new()
    {
        Id = id,
        Name = device.Name,
        User = device.Tags.Count > 0 ? TaggedDevices : TailnetUser.Create(device.User, device.DisplayName),
        Tags = device.Tags,
        Expired = device.Expired,
        Addresses =
        [
            IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"100.64.{id >> 8}.{id & 0xff}")),
            IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{UlaPrefix}:{id:x}")),
        ],
    };

    /// <summary>DNS name, without the dot at its end.</summary>
    public string DnsName => $"{Name}.{DnsSuffix}";

    private string Digest(string purpose) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\n{Id}\n{Name}\n{User.LoginName}\n{string.Join(',', Tags)}")));
}

/// <summary>A user of the embedded tailnet.</summary>
internal sealed record TailnetUser(long Id, string LoginName, string DisplayName)
{
    public static TailnetUser Create(string login, string display)
    {
        // Above 2^53, as real ids may be, so that a reader that uses a double fails.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(login.ToLowerInvariant()));
        var id = (1L << 54) + (BinaryPrimitives.ReadInt64BigEndian(digest) & ((1L << 54) - 1));
        return new TailnetUser(id, login, display);
    }
}
