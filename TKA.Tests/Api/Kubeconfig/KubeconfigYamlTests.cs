using CsCheck;
using TKA.Api.Kubeconfig;
using TKA.Contracts.Kubeconfig;
using Xunit;

namespace TKA.Tests.Api.Kubeconfig;

public class KubeconfigYamlTests
{
    [Fact]
    public void Is_a_kubeconfig_that_the_Kubernetes_client_reads()
    {
        var yaml = KubeconfigYaml.Write(Document("https://example.com:6443", "eyJ.eyJ.sig", "team-a"));

        var read = k8s.KubernetesYaml.Deserialize<k8s.KubeConfigModels.K8SConfiguration>(yaml);

        Assert.Equal("tka-context-alice-1b4f0e98", read.CurrentContext);
        Assert.Equal("https://example.com:6443", Assert.Single(read.Clusters).ClusterEndpoint.Server);
        Assert.Equal("eyJ.eyJ.sig", Assert.Single(read.Users).UserCredentials.Token);
        Assert.Equal("team-a", Assert.Single(read.Contexts).ContextDetails.Namespace);
    }

    [Fact]
    public void Leaves_out_what_is_not_set()
    {
        var yaml = KubeconfigYaml.Write(Document("https://example.com", "t", null));

        Assert.DoesNotContain("namespace", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("insecure", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_can_turn_into_something_else() =>
        Gen.Select(Gen.String[Gen.Char[' ', '\uD7FF'], 0, 40], OneOf("true", "1e3", "~", "null", "- a", "a: b", "'", "\"", "#x", "\n---\n", "%TAG")).Sample((text, tricky) =>
        {
            var yaml = KubeconfigYaml.Write(Document(tricky, text, null));
            var root = (YamlDotNet.RepresentationModel.YamlMappingNode)Parse(yaml);
            var user = root["users"][0]["user"]["token"].ToString();
            return user == text && root["clusters"][0]["cluster"]["server"].ToString() == tricky;
        });

    [Fact]
    public void Maps_carry_the_same_as_lists()
    {
        var document = Document("https://example.com", "t", null);

        var maps = document.ToMaps();

        Assert.Equal(document.CurrentContext, maps.CurrentContext);
        Assert.Equal("t", maps.Users["tka-user-alice-1b4f0e98"].Token);
        Assert.Equal("https://example.com", maps.Clusters["test"].Server);
        Assert.Equal("test", maps.Contexts[document.CurrentContext].Cluster);
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static YamlDotNet.RepresentationModel.YamlNode Parse(string yaml)
    {
        var stream = new YamlDotNet.RepresentationModel.YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Single().RootNode;
    }

    private static KubeconfigDocument Document(string server, string token, string? ns) => new()
    {
        Clusters = [new NamedCluster { Name = "test", Cluster = new KubeconfigCluster { Server = server } }],
        Users = [new NamedUser { Name = "tka-user-alice-1b4f0e98", User = new KubeconfigUser { Token = token } }],
        Contexts = [new NamedContext { Name = "tka-context-alice-1b4f0e98", Context = new KubeconfigContext { Cluster = "test", User = "tka-user-alice-1b4f0e98", Namespace = ns } }],
        CurrentContext = "tka-context-alice-1b4f0e98",
    };
}
