using TKA.Api.ClusterInformation;
using TKA.Api.Configuration;
using Xunit;

namespace TKA.Tests.Api.Configuration;

public class ConfigMapReaderTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["team"] = "a" };

    [Fact]
    public void Reads_plain_keys()
    {
        var info = Read(new() { ["apiEndpoint"] = "https://api:6443 ", ["caData"] = "QQ==\n", ["insecure"] = "1" });

        Assert.Equal("https://api:6443", info.ServerUrl);
        Assert.Equal("QQ==", info.CaData);
        Assert.True(info.InsecureSkipTlsVerify);
        Assert.Equal("a", info.Labels["team"]);
    }

    [Fact]
    public void Reads_what_kubeadm_publishes()
    {
        // The shape of kube-public/cluster-info.
        var info = Read(new()
        {
            ["jws-kubeconfig-abcdef"] = "eyJ",
            ["kubeconfig"] = """
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: TFMw
                    server: https://10.0.0.1:6443
                  name: ""
                contexts: null
                current-context: ""
                kind: Config
                preferences: {}
                users: null
                """,
        });

        Assert.Equal("https://10.0.0.1:6443", info.ServerUrl);
        Assert.Equal("TFMw", info.CaData);
        Assert.False(info.InsecureSkipTlsVerify);
    }

    [Theory]
    [InlineData("kubeconfig", "clusters: []", "no cluster")]
    [InlineData("kubeconfig", "a: [", "not YAML")]
    [InlineData("kubeconfig", "", "no cluster")]
    [InlineData("kubeconfig", "clusters: [{cluster: {server: x}}]", "no URL")]
    [InlineData("other", "x", "no URL")]
    public void Says_what_is_wrong(string key, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Read(new() { [key] = value })).Message, StringComparison.Ordinal);

    private static TKA.Contracts.Rest.ClusterInfo Read(Dictionary<string, string> data) => ConfigMapReader.Read(data, new ConfigMapKeys(), Labels);
}
