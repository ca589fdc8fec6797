using k8s.Exceptions;
using TKA.Api;
using TKA.Api.Configuration;
using TKA.ServiceDefaults.Configuration;

return await ServiceProgram.RunAsync(
    ApiSettings.Service,
    args,
    arguments => ApiApplication.Create(arguments),
    Console.Out,
    Console.Error,
    exception => exception is KubeConfigException ? $"kubernetes.kubeconfig cannot be used: {exception.Message}" : null);
