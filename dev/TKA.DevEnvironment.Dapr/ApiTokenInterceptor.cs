using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace TKA.DevEnvironment.Dapr;

/// <summary>Refuses calls without the sidecar's API token, with daprd's words.</summary>
internal sealed class ApiTokenInterceptor(string token) : Interceptor
{
    private const string Header = "dapr-api-token";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var given = context.RequestHeaders.GetValue(Header)
            ?? throw new RpcException(new Status(StatusCode.Unauthenticated, "missing api token in request metadata"));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(token))
            ? continuation(request, context)
            : throw new RpcException(new Status(StatusCode.Unauthenticated, "authentication error: api token mismatch"));
    }
}
