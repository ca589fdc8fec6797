using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TKA.DevEnvironment.Dapr;

/// <summary>
/// The methods of <c>dapr.proto.runtime.v1.Dapr</c> that are served. Dapr.Protos holds the messages and the client but
/// no service base, so the methods are bound by hand; the others answer UNIMPLEMENTED by themselves.
/// </summary>
[BindServiceMethod(typeof(DaprRuntimeBase), nameof(Bind))]
internal abstract class DaprRuntimeBase
{
    private const string Service = "dapr.proto.runtime.v1.Dapr";

    /// <summary>Called by the gRPC server: once with an instance type to find the methods, with a null instance.</summary>
    public static void Bind(ServiceBinderBase binder, DaprRuntimeBase? service)
    {
        binder.AddMethod(Method<GetStateRequest, GetStateResponse>("GetState"), Handler<GetStateRequest, GetStateResponse>(service, s => s.GetState));
        binder.AddMethod(Method<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState"), Handler<GetBulkStateRequest, GetBulkStateResponse>(service, s => s.GetBulkState));
        binder.AddMethod(Method<SaveStateRequest, Empty>("SaveState"), Handler<SaveStateRequest, Empty>(service, s => s.SaveState));
        binder.AddMethod(Method<DeleteStateRequest, Empty>("DeleteState"), Handler<DeleteStateRequest, Empty>(service, s => s.DeleteState));
        binder.AddMethod(Method<ExecuteStateTransactionRequest, Empty>("ExecuteStateTransaction"), Handler<ExecuteStateTransactionRequest, Empty>(service, s => s.ExecuteStateTransaction));
    }

    public abstract Task<GetStateResponse> GetState(GetStateRequest request, ServerCallContext context);

    public abstract Task<GetBulkStateResponse> GetBulkState(GetBulkStateRequest request, ServerCallContext context);

    public abstract Task<Empty> SaveState(SaveStateRequest request, ServerCallContext context);

    public abstract Task<Empty> DeleteState(DeleteStateRequest request, ServerCallContext context);

    public abstract Task<Empty> ExecuteStateTransaction(ExecuteStateTransactionRequest request, ServerCallContext context);

    private static UnaryServerMethod<TRequest, TResponse>? Handler<TRequest, TResponse>(
        DaprRuntimeBase? service, Func<DaprRuntimeBase, UnaryServerMethod<TRequest, TResponse>> select)
        where TRequest : class
        where TResponse : class =>
        service is null ? null : select(service);

    private static Method<TRequest, TResponse> Method<TRequest, TResponse>(string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(MethodType.Unary, Service, name, Marshaller<TRequest>(), Marshaller<TResponse>());

    private static Marshaller<T> Marshaller<T>()
        where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new T());
        return Marshallers.Create(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}
