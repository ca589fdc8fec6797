using k8s;
using k8s.Authentication;

namespace TKA.Kubernetes.Client;

/// <summary>
/// Loads kubeconfigs with <c>tokenFile</c> users, as kubectl does: the token is read again as the file changes. The client library
/// knows the field in no kubeconfig, only for a Pod's own ServiceAccount.
/// </summary>
internal static class KubeconfigLoader
{
    /// <summary>Client configuration of a kubeconfig's context, the current one when <paramref name="context"/> is null.</summary>
    public static KubernetesClientConfiguration Load(string path, string? context)
    {
        var configuration = KubernetesClientConfiguration.LoadKubeConfig(path);
        var user = UserOf(configuration, context ?? configuration.CurrentContext);
        if (user is null || TokenFileOf(path, user.Name) is not { } tokenFile)
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigObject(configuration, context);
        }

        tokenFile = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, tokenFile);
        // Without a credential the library refuses the user; this one is not used.
        user.UserCredentials.Token = "tokenFile";
        var loaded = KubernetesClientConfiguration.BuildConfigFromConfigObject(configuration, context);
        loaded.AccessToken = null;
        loaded.TokenProvider = new TokenFileAuth(tokenFile);
        return loaded;
    }

    private static k8s.KubeConfigModels.User? UserOf(k8s.KubeConfigModels.K8SConfiguration configuration, string? context)
    {
        var name = configuration.Contexts?.FirstOrDefault(candidate => candidate.Name == context)?.ContextDetails?.User;
        return configuration.Users?.FirstOrDefault(candidate => candidate.Name == name);
    }

    private static string? TokenFileOf(string path, string user) =>
        KubernetesYaml.Deserialize<UserList>(File.ReadAllText(path)).Users.FirstOrDefault(entry => entry.Name == user)?.User.TokenFile;

    /// <summary>The one field that the library's model lacks.</summary>
    private sealed class UserList
    {
        public List<UserEntry> Users { get; set; } = [];
    }

    private sealed class UserEntry
    {
        public string Name { get; set; } = "";

        public UserFields User { get; set; } = new();
    }

    private sealed class UserFields
    {
        public string? TokenFile { get; set; }
    }
}
