using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TKA.Kubernetes;
using TKA.Kubernetes.Client;
using TKA.Operator.Configuration;
using TKA.Operator.Ledger;
using TKA.Operator.Tokens;
using TKA.ServiceDefaults;
using TKA.ServiceDefaults.Configuration;

namespace TKA.Operator;

/// <summary>Builds the Operator host. The executable, the embedded stack and the tests all start it through here.</summary>
public static class OperatorApplication
{
    /// <summary>Creates the application, ready to run.</summary>
    /// <param name="args">Command-line arguments of the executable.</param>
    /// <param name="configure">
    /// Called first on the builder: adds configuration or replaces services such as <see cref="TimeProvider"/>.
    /// </param>
    /// <exception cref="ConfigurationException">An argument, the YAML file or a text is wrong; the message says what to write.</exception>
    /// <exception cref="OptionsValidationException">An option is wrong; the message says which.</exception>
    /// <exception cref="k8s.Exceptions.KubeConfigException">There is no usable kubeconfig, and no cluster around us.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = OperatorSettings.Service.CreateBuilder(args, configure);
        builder.AddServiceDefaults();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddKubernetes(builder.Configuration);
        builder.Services.AddOperatorOptions();

        // Services stop in reverse order: the ledger after those whose last entries it writes.
        builder.Services.AddLedger(builder.Configuration);
        builder.Services.AddSessions();
        builder.AddTokenService();

        var app = builder.Build();

        // The host would do so at start, but only after it has made the services that trip over what is wrong.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        _ = app.Services.GetRequiredService<KubernetesTransport>();
        app.MapManagementEndpoints();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.MapSessionToken();
        app.MapHistory();
        return app;
    }
}
