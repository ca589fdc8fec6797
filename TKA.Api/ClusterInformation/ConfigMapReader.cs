using TKA.Api.Configuration;
using TKA.Contracts.Rest;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TKA.Api.ClusterInformation;

/// <summary>Reads endpoint and CA from the data of a ConfigMap: plain keys, or a kubeconfig as kubeadm writes it.</summary>
internal static class ConfigMapReader
{
    /// <summary>Reads the data. A kubeconfig, when there is one, is used in place of the plain keys.</summary>
    /// <exception cref="FormatException">There is no usable endpoint; the message says why.</exception>
    public static ClusterInfo Read(IDictionary<string, string> data, ConfigMapKeys keys, IReadOnlyDictionary<string, string> labels)
    {
        var info = keys.Kubeconfig.Length > 0 && data.TryGetValue(keys.Kubeconfig, out var kubeconfig)
            ? FromKubeconfig(kubeconfig, keys.Kubeconfig)
            : new ClusterInfo
            {
                ServerUrl = data.TryGetValue(keys.ApiEndpoint, out var endpoint) ? endpoint.Trim() : "",
                CaData = data.TryGetValue(keys.CaData, out var ca) ? ca.Trim() : "",
                InsecureSkipTlsVerify = data.TryGetValue(keys.Insecure, out var insecure) && IsTrue(insecure),
            };
        if (!Uri.TryCreate(info.ServerUrl, UriKind.Absolute, out _))
        {
            throw new FormatException($"'{info.ServerUrl}' is no URL of a Kubernetes API; expected under {keys.ApiEndpoint}, or in a kubeconfig under {keys.Kubeconfig}.");
        }

        return info with { Labels = labels };
    }

    private static ClusterInfo FromKubeconfig(string text, string key)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            var root = yaml.Documents is [var document, ..] ? document.RootNode as YamlMappingNode : null;
            var first = (Member(root, "clusters") as YamlSequenceNode)?.Children.FirstOrDefault() as YamlMappingNode;
            return Member(first, "cluster") is YamlMappingNode cluster
                ? new ClusterInfo
                {
                    ServerUrl = Text(cluster, "server"),
                    CaData = Text(cluster, "certificate-authority-data"),
                    InsecureSkipTlsVerify = IsTrue(Text(cluster, "insecure-skip-tls-verify")),
                }
                : throw new FormatException($"The kubeconfig under {key} has no cluster.");
        }
        catch (YamlException exception)
        {
            throw new FormatException($"The kubeconfig under {key} is not YAML: {exception.Message}", exception);
        }
    }

    private static string Text(YamlMappingNode node, string name) => (Member(node, name) as YamlScalarNode)?.Value ?? "";

    private static YamlNode? Member(YamlMappingNode? node, string name) =>
        node is not null && node.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    // What Go's strconv.ParseBool takes for true.
    private static bool IsTrue(string text) => text.Trim() is "1" or "t" or "T" or "true" or "TRUE" or "True";
}
