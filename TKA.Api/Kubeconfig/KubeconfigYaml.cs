using System.Globalization;
using TKA.Contracts.Kubeconfig;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TKA.Api.Kubeconfig;

/// <summary>Writes a kubeconfig as YAML. Every text is quoted, so that none can turn into a number, a boolean or another document.</summary>
internal static class KubeconfigYaml
{
    /// <summary>The document as YAML, in the order <c>kubectl config view</c> uses.</summary>
    /// <param name="document">The document.</param>
    /// <param name="plugin">Command and arguments of an exec plugin that its users get their tokens from; <see langword="null"/>: the document has tokens.</param>
    public static string Write(KubeconfigDocument document, IReadOnlyList<string>? plugin = null)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var writer = new Writer(new Emitter(text));
        writer.Document(() =>
        {
            writer.Plain("apiVersion", document.ApiVersion);
            writer.Plain("kind", document.Kind);
            writer.List("clusters", document.Clusters, entry => writer.Entry(entry.Name, "cluster", () =>
            {
                writer.Optional("certificate-authority-data", entry.Cluster.CertificateAuthorityData);
                if (entry.Cluster.InsecureSkipTlsVerify)
                {
                    writer.Plain("insecure-skip-tls-verify", "true");
                }

                writer.Text("server", entry.Cluster.Server);
            }));
            writer.List("contexts", document.Contexts, entry => writer.Entry(entry.Name, "context", () =>
            {
                writer.Text("cluster", entry.Context.Cluster);
                writer.Optional("namespace", entry.Context.Namespace);
                writer.Text("user", entry.Context.User);
            }));
            writer.Text("current-context", document.CurrentContext);
            writer.List("users", document.Users, entry => writer.Entry(entry.Name, "user", () =>
            {
                writer.Optional("token", entry.User.Token);
                if (plugin is not null)
                {
                    writer.Member("exec", () => Exec(writer, plugin));
                }
            }));
        });
        return text.ToString();
    }

    private static void Exec(Writer writer, IReadOnlyList<string> plugin)
    {
        writer.Plain("apiVersion", ExecCredential.V1);
        writer.List("args", [.. plugin.Skip(1)], writer.Value);
        writer.Text("command", plugin[0]);
        writer.Text("installHint", "This context gets its credentials from tka. Install it and put it on PATH.");
        writer.Plain("interactiveMode", "Never");
        writer.Plain("provideClusterInfo", "false");
    }

    private sealed class Writer(IEmitter emitter)
    {
        public void Document(Action members)
        {
            emitter.Emit(new StreamStart());
            emitter.Emit(new DocumentStart());
            Mapping(members);
            emitter.Emit(new DocumentEnd(isImplicit: true));
            emitter.Emit(new StreamEnd());
        }

        public void List<T>(string name, IReadOnlyList<T> items, Action<T> item)
        {
            Name(name);
            emitter.Emit(new SequenceStart(default, default, isImplicit: true, SequenceStyle.Block));
            foreach (var one in items)
            {
                item(one);
            }

            emitter.Emit(new SequenceEnd());
        }

        public void Entry(string name, string member, Action members) => Mapping(() =>
        {
            Text("name", name);
            Member(member, members);
        });

        public void Member(string name, Action members)
        {
            Name(name);
            Mapping(members);
        }

        public void Optional(string name, string? value)
        {
            if (value is not null)
            {
                Text(name, value);
            }
        }

        public void Text(string name, string value)
        {
            Name(name);
            Value(value);
        }

        public void Value(string value) =>
            emitter.Emit(new YamlDotNet.Core.Events.Scalar(default, default, value, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true));

        public void Plain(string name, string value)
        {
            Name(name);
            Name(value);
        }

        private void Name(string text) => emitter.Emit(new YamlDotNet.Core.Events.Scalar(text));

        private void Mapping(Action members)
        {
            emitter.Emit(new MappingStart(default, default, isImplicit: true, MappingStyle.Block));
            members();
            emitter.Emit(new MappingEnd());
        }
    }
}
