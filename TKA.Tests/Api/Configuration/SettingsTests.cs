using System.Collections;
using System.Globalization;
using TKA.Api.Configuration;
using TKA.Contracts;
using TKA.Kubernetes.Client;
using TKA.Tailscale;
using TKA.Tailscale.Serving;
using Xunit;

namespace TKA.Tests.Api.Configuration;

/// <summary>The list of settings, the options and the documentation say the same.</summary>
public class SettingsTests
{
    private static readonly (string Section, object Options)[] OptionTypes =
    [
        (ServerOptions.Section, new ServerOptions()),
        (TailnetListenerOptions.Section, new TailnetListenerOptions()),
        (ApiOptions.Section, new ApiOptions()),
        (OperatorOptions.Section, new OperatorOptions()),
        (ClusterInfoOptions.Section, new ClusterInfoOptions()),
        (OrchestratorOptions.Section, new OrchestratorOptions()),
        (TailscaleOptions.Section, new TailscaleOptions()),
        (KubernetesClientOptions.Section, new KubernetesClientOptions()),
    ];

    // Read by the framework or by TKA.ServiceDefaults, kept for the Go TKA's files, or not bound.
    private static readonly string[] WithoutOption =
        ["debug", "otel:endpoint", "otel:insecure", "tailscale:stateDir", "management:address", "management:port", "health:port"];

    [Fact]
    public void Every_option_is_a_setting_and_every_setting_an_option()
    {
        var options = OptionTypes.SelectMany(entry => Keys(entry.Section, entry.Options)).Select(entry => entry.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var settings = Settings.All.Select(setting => setting.Key).Except(WithoutOption).ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.Empty(options.Except(settings, StringComparer.OrdinalIgnoreCase));
        Assert.Empty(settings.Except(options, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Defaults_are_those_of_the_options()
    {
        foreach (var (key, value) in OptionTypes.SelectMany(entry => Keys(entry.Section, entry.Options)))
        {
            var setting = Settings.Find(key)!;
            if (value is string or int or TimeSpan or bool)
            {
                Assert.Equal((key, Text(value)), (key, setting.Default.Length == 0 && value is bool ? "false" : setting.Default));
            }
        }
    }

    [Fact]
    public void Defaults_pass_their_own_checks() =>
        Assert.All(Settings.All.Where(setting => setting.Default.Length > 0), setting => Assert.Null(SettingText.Check(setting, setting.Default)));

    [Fact]
    public void Environment_names_and_flags_are_unique()
    {
        Assert.Distinct(Settings.All.Select(setting => setting.EnvironmentVariable));
        Assert.Distinct(Settings.All.Where(setting => setting.Flag is not null).Select(setting => setting.Flag));
        Assert.Distinct(Settings.All.Where(setting => setting.Letter is not null).Select(setting => setting.Letter));
    }

    [Fact]
    public void The_help_names_every_setting() =>
        Assert.All(Settings.All, setting => Assert.Contains($"--{setting.Name}", Help.Text(), StringComparison.Ordinal));

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
        "2m0s" => "120s",
        "1m0s" => "1m",
        _ => duration,
    };
}
