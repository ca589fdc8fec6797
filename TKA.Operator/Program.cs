using k8s.Exceptions;
using TKA.Operator;
using TKA.Operator.Configuration;
using TKA.Operator.Sessions;
using TKA.ServiceDefaults.Configuration;

if (args is [EndSessionsCommand.Command, ..])
{
    return await EndSessionsCommand.RunAsync(args[1..], Console.Out, CancellationToken.None);
}

if (args is [InstallationCheck.Command, ..])
{
    return await InstallationCheck.RunAsync(args[1..], Console.Out, CancellationToken.None);
}

return await ServiceProgram.RunAsync(
    OperatorSettings.Service,
    args,
    arguments => OperatorApplication.Create(arguments),
    Console.Out,
    Console.Error,
    exception => exception is KubeConfigException ? $"kubernetes.kubeconfig cannot be used: {exception.Message}" : null);
