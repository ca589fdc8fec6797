using System.Net;
using System.Net.Sockets;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Reads the <c>devices</c> block.</summary>
internal static class DeviceReader
{
    public static Dictionary<IPAddress, PolicyDevice> Read(HuJsonNode? node, IReadOnlySet<string> tags)
    {
        var devices = new Dictionary<IPAddress, PolicyDevice>();
        foreach (var member in PolicyNodes.Members(node, "devices"))
        {
            if (!IPAddress.TryParse(member.Name, out var address) || !IsUsable(address) || address.ToString() != member.Name)
            {
                throw new PolicyException(member.At, $"\"{member.Name}\" must be a loopback address, 127.0.0.1 to 127.0.255.254");
            }

            devices.Add(address, ReadDevice(member, tags));
        }

        return devices;
    }

    private static bool IsUsable(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [127, 0, _, > 0 and < 255];

    private static PolicyDevice ReadDevice(HuJsonMember member, IReadOnlySet<string> known)
    {
        var device = PolicyNodes.Object(member.Value, "a device");
        PolicyNodes.RequireKnown(device, "field of a device", "name", "user", "displayName", "tags", "expired", "self");
        var tags = device.Find("tags") is { } list ? PolicyNodes.Strings(list, "tags") : [];
        foreach (var tag in tags)
        {
            if (!known.Contains(tag.Text))
            {
                throw new PolicyException(tag.At, $"\"{tag.Text}\" has no entry in tagOwners");
            }
        }

        var isSelf = PolicyNodes.Flag(device.Find("self"), "self");
        var user = device.Find("user") is { } login ? PolicyNodes.String(login, "user").Text : "";
        if (!isSelf && (user.Length == 0) == (tags.Count == 0))
        {
            throw new PolicyException(device.At, "a device has either a \"user\" or \"tags\"");
        }

        var name = device.Find("name") is { } text ? PolicyNodes.String(text, "name").Text : "";
        if (!isSelf && (name.Length is 0 or > 63 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
        {
            throw new PolicyException(device.At, "a device needs a \"name\" of lower-case letters, digits and hyphens");
        }

        return new PolicyDevice
        {
            Name = name,
            User = user,
            DisplayName = device.Find("displayName") is { } display ? PolicyNodes.String(display, "displayName").Text : user.Split('@')[0],
            Tags = [.. tags.Select(tag => tag.Text)],
            Expired = PolicyNodes.Flag(device.Find("expired"), "expired"),
            IsSelf = isSelf,
        };
    }
}
