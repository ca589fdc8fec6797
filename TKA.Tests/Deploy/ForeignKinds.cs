namespace TKA.Tests.Deploy;

/// <summary>The kinds of Dapr and of the Prometheus operator, as far as an API server must know them.</summary>
internal static class ForeignKinds
{
    public static string Definitions { get; } = string.Join("\n---\n", new[] { ("dapr.io", "v1alpha1", "components", "Component"), ("monitoring.coreos.com", "v1", "podmonitors", "PodMonitor"), ("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule") }
        .Select(kind => $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: {{kind.Item3}}.{{kind.Item1}}
            spec:
              group: {{kind.Item1}}
              scope: Namespaced
              names:
                plural: {{kind.Item3}}
                singular: {{kind.Item4.ToLowerInvariant()}}
                kind: {{kind.Item4}}
                listKind: {{kind.Item4}}List
              versions:
                - name: {{kind.Item2}}
                  served: true
                  storage: true
                  schema:
                    openAPIV3Schema:
                      type: object
                      x-kubernetes-preserve-unknown-fields: true
            """));
}
