using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>What a pod spec says when it does not say it.</summary>
internal static class PodDefaults
{
    private const int ReadableFile = 0x1A4; // 0644

    /// <summary>Fills in a pod spec's defaults.</summary>
    public static void Apply(JsonObject spec)
    {
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        if (spec.Integer("terminationGracePeriodSeconds") < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1;
        }

        spec["dnsPolicy"] ??= "ClusterFirst";
        spec["schedulerName"] ??= "default-scheduler";
        spec["securityContext"] ??= new JsonObject();
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }

        foreach (var container in Containers(spec))
        {
            ApplyToContainer(container, spec.Flag("hostNetwork"));
        }

        foreach (var volume in spec.Objects("volumes"))
        {
            ApplyToVolume(volume);
        }
    }

    /// <summary>Containers that run, the ones that prepare included.</summary>
    public static IEnumerable<JsonObject> Containers(JsonObject? spec) =>
        (spec.Items("initContainers") ?? []).Concat(spec.Items("containers") ?? []).OfType<JsonObject>();

    private static void ApplyToContainer(JsonObject container, bool hostNetwork)
    {
        var image = container.Text("image");
        var pinned = image.Contains('@', StringComparison.Ordinal)
            || (image.LastIndexOf(':') > image.LastIndexOf('/') && !image.EndsWith(":latest", StringComparison.Ordinal));
        container["imagePullPolicy"] ??= pinned ? "IfNotPresent" : "Always";
        container["terminationMessagePath"] ??= "/dev/termination-log";
        container["terminationMessagePolicy"] ??= "File";
        container["resources"] ??= new JsonObject();
        foreach (var port in container.Objects("ports"))
        {
            port["protocol"] ??= "TCP";
            if (hostNetwork)
            {
                port["hostPort"] ??= port["containerPort"]?.DeepClone();
            }
        }

        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Child(probe) is { } present)
            {
                ApplyToProbe(present);
            }
        }

        foreach (var handler in (string[])["postStart", "preStop"])
        {
            ApplyToHandler(container.Child("lifecycle").Child(handler));
        }

        foreach (var variable in container.Objects("env"))
        {
            ApplyToSource(variable.Child("valueFrom"));
        }
    }

    private static void ApplyToProbe(JsonObject probe)
    {
        foreach (var (field, value) in new[] { ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3) })
        {
            if (probe.Integer(field) is null or 0)
            {
                probe[field] = value;
            }
        }

        if (probe.Child("grpc") is { } grpc)
        {
            grpc["service"] ??= "";
        }

        ApplyToHandler(probe);
    }

    private static void ApplyToHandler(JsonObject? handler)
    {
        if (handler.Child("httpGet") is not { } request)
        {
            return;
        }

        request["scheme"] ??= "HTTP";
        if (request.Text("path").Length == 0)
        {
            request["path"] = "/";
        }
    }

    private static void ApplyToSource(JsonObject? source)
    {
        if (source.Child("fieldRef") is { } field)
        {
            field["apiVersion"] ??= "v1";
        }

        if (source.Child("resourceFieldRef") is { } resource)
        {
            resource["divisor"] ??= "0";
        }
    }

    private static void ApplyToVolume(JsonObject volume)
    {
        if (!volume.Any(member => member.Key != "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in (string[])["secret", "configMap", "downwardAPI", "projected"])
        {
            if (volume.Child(source) is { } files)
            {
                files["defaultMode"] ??= ReadableFile;
            }
        }

        if (volume.Child("hostPath") is { } path)
        {
            path["type"] ??= "";
        }

        foreach (var projection in volume.Child("projected").Objects("sources"))
        {
            if (projection.Child("serviceAccountToken") is { } token)
            {
                token["expirationSeconds"] ??= 3600;
            }

            ApplyToItems(projection.Child("downwardAPI"));
        }

        ApplyToItems(volume.Child("downwardAPI"));
    }

    private static void ApplyToItems(JsonObject? downwardApi)
    {
        foreach (var item in downwardApi.Objects("items"))
        {
            ApplyToSource(item);
        }
    }
}
