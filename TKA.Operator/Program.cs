using k8s.Exceptions;
using Microsoft.Extensions.Options;
using TKA.Operator;

try
{
    await OperatorApplication.Create(args).RunAsync();
    return 0;
}
catch (Exception exception) when (exception is OptionsValidationException or KubeConfigException or IOException)
{
    // A wrong option, no way to the cluster, a port in use: one line says it, a stack trace would only hide it.
    Console.Error.WriteLine($"tka-operator: {exception.Message}");
    return 1;
}
