using System.Net;
using TKA.Cli.Errors;

namespace TKA.Cli.Client;

/// <summary>
/// The local address to connect from. The server knows people by the address they come from; on one machine
/// <c>TKA_DEV_SOURCE=127.0.0.2</c> makes this process the device that the embedded tailnet gives that address.
/// </summary>
internal static class SourceAddress
{
    /// <summary>Variable that names the address.</summary>
    public const string Variable = "TKA_DEV_SOURCE";

    /// <summary>The address to connect from, or null for the system's choice.</summary>
    /// <exception cref="CliException">The variable holds no IP address.</exception>
    public static IPAddress? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } value)
        {
            return null;
        }

        return IPAddress.TryParse(value, out var address)
            ? address
            : throw new CliException(
                ErrorCodes.SourceAddressInvalid,
                ExitCode.Usage,
                $"{Variable} is '{value}', which is no IP address.",
                [$"Set it to an address of this machine, like 127.0.0.2, or unset it."]);
    }
}
