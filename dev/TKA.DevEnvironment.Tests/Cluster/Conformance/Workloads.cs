namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>Bodies of workloads.</summary>
internal static class Workloads
{
    /// <summary>A Deployment of no replicas, so that nothing runs on a real cluster.</summary>
    public static string Deployment(string name, string more = "") =>
        $$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{name}}}}"},
         "spec":{"replicas":0,"selector":{"matchLabels":{"app":"{{{{name}}}}"}},
           "template":{"metadata":{"labels":{"app":"{{{{name}}}}"}},
             "spec":{"containers":[{"name":"web","image":"registry.k8s.io/pause:3.10","env":[{"name":"A","value":"1"}]}]}}}
         {{{{(more.Length > 0 ? "," + more : "")}}}}}
        """;

    /// <summary>A Pod that no node of a real cluster will run.</summary>
    public static string Pod(string name, string serviceAccount = "default", string @namespace = "") =>
        $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"{{{@namespace}}}"},
         "spec":{"schedulerName":"nobody","serviceAccountName":"{{{serviceAccount}}}","containers":[{"name":"web","image":"registry.k8s.io/pause:3.10"}]}}
        """;
}
