using System.Collections;
using System.Globalization;
using TKA.Api.Configuration;
using TKA.Contracts;
using TKA.Kubernetes.Client;
using TKA.Operator.Configuration;
using TKA.Operator.Options;
using TKA.Orchestrator.Configuration;
using TKA.ServiceDefaults.Configuration;
using TKA.State;
using TKA.Tailscale;
using TKA.Tailscale.Serving;
using Xunit;

namespace TKA.Tests.ServiceDefaults.Configuration;

/// <summary>Each service's list of settings and its options say the same.</summary>
public class SettingsTests
{
    private static readonly (string Section, object Options)[] Tailnet =
        [(TailscaleOptions.Section, new TailscaleOptions()), (TailnetListenerOptions.Section, new TailnetListenerOptions())];

    private static readonly (string Section, object Options) Cluster = (KubernetesClientOptions.Section, new KubernetesClientOptions());

    private static readonly Dictionary<string, (ServiceSettings Settings, (string Section, object Options)[] Options)> All = new()
    {
        ["TKA.Api"] = (ApiSettings.Service,
        [
            .. Tailnet,
            Cluster,
            (ServerOptions.Section, new ServerOptions()),
            (ApiOptions.Section, new ApiOptions()),
            (TKA.Api.Configuration.ClusterOptions.Section, new TKA.Api.Configuration.ClusterOptions()),
            (ClusterInfoOptions.Section, new ClusterInfoOptions()),
            (RegistrationOptions.Section, new RegistrationOptions()),
        ]),
        ["TKA.Operator"] = (OperatorSettings.Service,
        [
            Cluster,
            (TKA.Operator.Options.OperatorOptions.Section, new TKA.Operator.Options.OperatorOptions()),
            (TKA.Operator.Options.TokenServiceOptions.Section, new TKA.Operator.Options.TokenServiceOptions()),
            (LedgerOptions.Section, new LedgerOptions()),
            (StateStoreOptions.Section, new StateStoreOptions { Timeout = TimeSpan.FromSeconds(5) }),
        ]),
        ["TKA.Orchestrator"] = (OrchestratorSettings.Service,
        [
            .. Tailnet,
            (RegistryOptions.Section, new RegistryOptions()),
            (StateStoreOptions.Section, new StateStoreOptions()),
        ]),
    };

    // Read by the framework or by TKA.ServiceDefaults, kept for the Go TKA's files, or another name of an option.
    private static readonly string[] WithoutOption =
        ["debug", "otel:endpoint", "otel:insecure", "tailscale:stateDir", "management:address", "management:port", "health:port", "server:debug"];

    public static TheoryData<string> Services => [.. All.Keys];

    [Theory, MemberData(nameof(Services))]
    public void Every_option_is_a_setting_and_every_setting_an_option(string service)
    {
        var options = Options(service).Select(entry => entry.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var settings = Settings(service).All.Where(setting => setting.Means is null).Select(setting => setting.Key).Except(WithoutOption);

        Assert.Equal(settings.Order(StringComparer.OrdinalIgnoreCase), options.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Theory, MemberData(nameof(Services))]
    public void Defaults_are_those_of_the_options(string service)
    {
        foreach (var (key, value) in Options(service))
        {
            var setting = Settings(service).Find(key)!;
            if (value is string or int or TimeSpan or bool)
            {
                Assert.Equal((key, Text(value)), (key, setting.Default.Length == 0 && value is bool ? "false" : setting.Default));
            }
        }
    }

    [Theory, MemberData(nameof(Services))]
    public void Defaults_pass_their_own_checks(string service) =>
        Assert.All(Settings(service).All.Where(setting => setting.Default.Length > 0), setting => Assert.Null(SettingText.Check(setting, setting.Default)));

    [Theory, MemberData(nameof(Services))]
    public void Environment_names_and_flags_are_unique(string service)
    {
        Assert.Distinct(Settings(service).All.Select(setting => setting.EnvironmentVariable));
        Assert.Distinct(Settings(service).All.Where(setting => setting.Flag is not null).Select(setting => setting.Flag));
        Assert.Distinct(Settings(service).All.Where(setting => setting.Letter is not null).Select(setting => setting.Letter));
    }

    [Theory, MemberData(nameof(Services))]
    public void The_help_names_every_setting(string service) =>
        Assert.All(Settings(service).All, setting => Assert.Contains($"--{setting.Name}", HelpText.For(Settings(service)), StringComparison.Ordinal));

    private static ServiceSettings Settings(string service) => All[service].Settings;

    private static IEnumerable<(string Key, object? Value)> Options(string service) => All[service].Options.SelectMany(entry => Keys(entry.Section, entry.Options));

    private static IEnumerable<(string Key, object? Value)> Keys(string section, object options)
    {
        foreach (var property in options.GetType().GetProperties().Where(property => property.CanWrite))
        {
            var key = $"{section}:{property.Name}";
            var value = property.GetValue(options);
            if (value is not null && value is not string && value is not IEnumerable && value.GetType().IsClass)
            {
                foreach (var inner in Keys(key, value))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return (key, value);
            }
        }
    }

    private static string Text(object value) => value switch
    {
        TimeSpan time => Short(GoDuration.Format(time)),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // As people write it: 24h for 24h0m0s, 120s for 2m0s.
    private static string Short(string duration) => duration switch
    {
        "24h0m0s" => "24h",
        "168h0m0s" => "168h",
        "2m0s" => "120s",
        "1m0s" => "1m",
        _ => duration,
    };
}
