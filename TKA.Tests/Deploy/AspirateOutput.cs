using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TKA.Tests.Deploy;

/// <summary>
/// A folder as <c>aspirate generate</c> leaves it for <c>aspire-manifest.json</c>: a folder for each project with a Deployment, a Service
/// and a kustomization that generates the ConfigMap, and a kustomization over all. The same, line by line, as what aspirate at commit
/// 6ad05c1 (prom3theu5/aspirational-manifests) wrote on 2026-11-30.
/// </summary>
/// <param name="manifest">The Aspire manifest.</param>
/// <param name="parameters">Values of its parameters.</param>
internal sealed partial class AspirateOutput(JsonNode manifest, IReadOnlyDictionary<string, string> parameters)
{
    private IEnumerable<KeyValuePair<string, JsonNode>> Projects =>
        manifest["resources"]!.AsObject().Where(resource => (string?)resource.Value?["type"] == "project.v0").Select(resource => KeyValuePair.Create(resource.Key, resource.Value!));

    /// <summary>Parameters that aspirate asks for.</summary>
    public IEnumerable<string> Parameters =>
        manifest["resources"]!.AsObject().Where(resource => (string?)resource.Value?["type"] == "parameter.v0").Select(resource => resource.Key);

    /// <summary>Writes the folder, with images <c>REGISTRY/tka-NAME:TAG</c>: the project files name the repository (<c>ContainerRepository</c>).</summary>
    public void Write(string folder, string registry, string tag)
    {
        foreach (var (name, project) in Projects)
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            File.WriteAllText(Path.Combine(own, "deployment.yaml"), Deployment(name, $"{registry}/tka-{name}:{tag}", project));
            File.WriteAllText(Path.Combine(own, "service.yaml"), Service(name, project));
            File.WriteAllText(Path.Combine(own, "kustomization.yaml"), Kustomization(name, project));
        }

        File.WriteAllText(Path.Combine(folder, "kustomization.yaml"), $"""
            resources:
            {string.Join('\n', Projects.Select(project => $"- {project.Key}"))}

            generatorOptions:
              disableNameSuffixHash: true

            """);
    }

    private static IEnumerable<(string Name, int Port)> Ports(JsonNode project) =>
        project["bindings"]!.AsObject().Select(binding => (binding.Key, (int)binding.Value!["targetPort"]!));

    private static string Deployment(string name, string image, JsonNode project) => $"""
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
          labels:
            app: {name}
        spec:
          minReadySeconds: 60
          replicas: 1
          selector:
            matchLabels:
              app: {name}
          strategy:
            type: Recreate
          template:
            metadata:
              labels:
                app: {name}
            spec:
              containers:
              - name: {name}
                image: {image}
                imagePullPolicy: IfNotPresent
                ports:
        {string.Join('\n', Ports(project).Select(port => $"        - name: {port.Name}\n          containerPort: {port.Port}"))}
                envFrom:
                - configMapRef:
                    name: {name}-env
              terminationGracePeriodSeconds: 180
        """;

    private static string Service(string name, JsonNode project) => $"""
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          type: ClusterIP
          selector:
            app: {name}
          ports:
        {string.Join('\n', Ports(project).Select(port => $"  - name: {port.Name}\n    port: {port.Port}\n    targetPort: {port.Port}"))}
        """;

    private string Kustomization(string name, JsonNode project) => $"""
        resources:
        - deployment.yaml
        - service.yaml

        generatorOptions:
          disableNameSuffixHash: true

        configMapGenerator:
        - name: {name}-env
          literals:
        {string.Join('\n', project["env"]!.AsObject().Select(variable => $"    - {variable.Key}={Value((string)variable.Value!)}"))}
            - ASPNETCORE_URLS=http://+:8080;

        """;

    private string Value(string text) => Expression().Replace(text, match => match.Groups["name"].Value switch
    {
        var parameter when match.Groups["path"].Value == "value" => parameters[parameter],
        var project when match.Groups["path"].Value.Split('.') is ["bindings", var binding, var property] && property is "url" or "targetPort" =>
            (property == "url" ? $"http://{project}:" : "") + Ports(manifest["resources"]![project]!).Single(port => port.Name == binding).Port,
        _ => throw new InvalidOperationException($"aspirate does not know {match.Value}"),
    });

    [GeneratedRegex(@"\{(?<name>[\w-]+)\.(?<path>[\w.-]+)\}")]
    private static partial Regex Expression();
}
