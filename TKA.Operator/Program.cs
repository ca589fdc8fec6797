using k8s.Exceptions;
using TKA.Operator;
using TKA.Operator.Configuration;
using TKA.ServiceDefaults.Configuration;

return await ServiceProgram.RunAsync(
    OperatorSettings.Service,
    args,
    arguments => OperatorApplication.Create(arguments),
    Console.Out,
    Console.Error,
    exception => exception is KubeConfigException ? $"kubernetes.kubeconfig cannot be used: {exception.Message}" : null);
