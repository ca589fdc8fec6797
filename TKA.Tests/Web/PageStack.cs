using k8s;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>A stack for tests of pages. A browser beside it takes processor time, so that limits meant for answers at once are longer.</summary>
internal static class PageStack
{
    /// <summary>Starts one.</summary>
    public static Task<TkaStack> StartAsync(TkaStackOptions? options = null)
    {
        options ??= new TkaStackOptions();
        var settings = new Dictionary<string, string?>(options.ApiSettings) { ["tailscale:localApiTimeout"] = "00:00:30" };
        return TkaStack.StartAsync(TestContext.Current.CancellationToken, options with { ApiSettings = settings });
    }

    /// <summary>Creates namespaces that rules name; a session of a rule whose namespaces are missing is refused.</summary>
    public static async Task CreateNamespacesAsync(this TkaStack stack, params string[] names)
    {
        foreach (var name in names)
        {
            await stack.Cluster.Admin.CoreV1.CreateNamespaceAsync(
                new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: TestContext.Current.CancellationToken);
            stack.Cluster.DeleteAtEnd(() => stack.Cluster.Admin.CoreV1.DeleteNamespaceAsync(name));
        }
    }
}
