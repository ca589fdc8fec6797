using Grpc.Core;

namespace TKA.DevEnvironment.Dapr;

/// <summary>A state store component refused a write. Status and message are those that daprd makes of the component's error.</summary>
internal sealed class StateRefusedException(StatusCode status, string message) : Exception(message)
{
    public StatusCode Status { get; } = status;

    /// <summary>The row is not as the writer last saw it.</summary>
    public static StateRefusedException EtagMismatch() => new(StatusCode.Aborted, "possible etag mismatch. error from state store");

    /// <summary>The ETag is no number although the component's ETags are numbers.</summary>
    public static StateRefusedException EtagInvalid(string etag) =>
        new(StatusCode.InvalidArgument, $"invalid etag value: strconv.ParseUint: parsing \"{etag}\": invalid syntax");

    /// <summary>An error that the component does not mark as an ETag conflict.</summary>
    public static StateRefusedException Failed(string message) => new(StatusCode.Internal, message);
}
