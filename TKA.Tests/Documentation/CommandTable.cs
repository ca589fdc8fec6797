namespace TKA.Tests.Documentation;

/// <summary>A documented command and how a test runs it.</summary>
/// <param name="Command">As it is documented, or its beginning with <c>...</c> in place of the rest.</param>
/// <param name="Instead">What is run in its place, where it names what only the reader has; <c>{}</c> stands for the command. Null: it is run as it stands.</param>
/// <param name="First">What must have been done before.</param>
/// <param name="Says">What its output must hold.</param>
internal sealed record RunHere(string Command, string? Instead = null, string? First = null, string Says = "");

/// <summary>Every documented command is in one of these lists; those of a list are run in its order.</summary>
internal static class CommandTable
{
    /// <summary>On a fresh cluster, as its administrator.</summary>
    public static IReadOnlyList<RunHere> OnAFreshCluster { get; } =
    [
        new("kubectl create namespace tka-system"),
        new("kubectl -n tka-system create secret generic tka-tailscale --from-literal=authkey=..."),
        new("kubectl label namespace tka-system pod-security.kubernetes.io/enforce=restricted"),
        new("kubectl -n tka-system create secret generic tka-dapr-api-token ..."),
        new("kubectl -n tka-system create secret generic tka-statestore ..."),
        new("helm install tka deploy/charts/tka --namespace tka-system --set images...", Instead: "{} --set images.registry=r.test/tka,cluster.apiEndpoint=https://k8s.test:6443", Says: "STATUS: deployed"),
        new("helm upgrade tka deploy/charts/tka --namespace tka-system --reset-then-reuse-values", Instead: "{} --set maxPeriod=12h", Says: "STATUS: deployed"),

        new("helm get values tka --namespace tka-system -o yaml > tka-values.yaml"),
        new("kubectl -n tka-system get secret tka-dapr-api-token tka-statestore -o yaml > tka-secrets.yaml"),

        // The Job that ends the sessions runs in a Pod; CleanEndTests runs its program.
        new("helm uninstall tka --namespace tka-system", Instead: "{} --no-hooks", Says: "uninstalled"),
        new(
            "helm install tka deploy/charts/tka --namespace tka-system --create-namespace ...", Instead: "{} --dry-run=server --set images.registry=r.test/tka,cluster.apiEndpoint=https://k8s.test:6443",
            First: "sed -n '/# prod-eu.yaml/,/```/p' deploy/../docs/clusters.md | sed '$d' > prod-eu.yaml; kubectl config view --raw --minify -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d > ca.crt", Says: "Production, Europe"),
        new("kubectl apply -f tka-secrets.yaml", First: "kubectl -n tka-system delete secret tka-dapr-api-token tka-statestore", Says: "secret/tka-statestore created"),
        new("helm install tka deploy/charts/tka --namespace tka-system --values tka-values.yaml", Says: "STATUS: deployed"),
        new("kubectl apply -k deploy/overlays/minimal", First: "helm uninstall tka --namespace tka-system --no-hooks"),
        new("kubectl delete clusterrolebindings,rolebindings -A -l app.kubernetes.io/managed-by=tka"),
        new("kubectl delete validatingadmissionpolicybinding tka-signins tka-bindings tka-sessions tka-session-grants tka-leaving --ignore-not-found"),
        new("kubectl -n tka-sessions get tkasignins -o name | xargs ..."),
        new("kubectl delete -k deploy/overlays/minimal --ignore-not-found", First: "kubectl apply -k deploy/overlays/minimal"),
        new("kubectl delete namespace tka-sessions && kubectl delete -k deploy/overlays/minimal --ignore-not-found", First: "kubectl apply -k deploy/overlays/minimal"),
        new("until kubectl delete -k deploy/overlays/minimal --ignore-not-found; do sleep 1; done"),
    ];

    /// <summary>On a stack of three clusters, as alice; <c>kubectl</c> as the first cluster's administrator.</summary>
    public static IReadOnlyList<RunHere> OnAStack { get; } =
    [
        new("set -a; . .tka/dev/env; set +a", Instead: "{}; echo $TKA_SERVER", Says: "http://127.0.0.1:"),
        new("tka clusters", Says: "dev-3"),
        new("tka clusters -l environment=prod -o wide", Says: "dev-3"),
        new("tka clusters -l env=production,region=eu -o wide"),
        new("tka login dev-2", Says: "dev-2"),
        new("tka login --all --merge", Says: "tka-dev-3"),
        new("tka login --all -l env=dev", Instead: "tka login --all -l environment=dev", Says: "tka-dev"),
        new("tka login --all -l env=dev --merge", Instead: "tka login --all -l environment=dev --merge", Says: "tka-dev"),
        new("tka status", Says: "dev-3"),
        new("tka logout --all"),

        new("tka doctor --server tka --cluster", Instead: "KUBECONFIG=$TKA_ADMIN_KUBECONFIG tka doctor --cluster", Says: "admission policies, and they deny"),
        new("tka doctor", Says: "Clock"),
        new("tka login --server tka", Instead: "tka login --server $TKA_SERVER", Says: "alice@example.com"),
        new("kubectl -n tka-sessions get tkasignins -o wide", Says: "alice@example.com"),
        new("kubectl -n tka-sessions describe tkasignin NAME", Instead: "kubectl -n tka-sessions describe tkasignin tka-user-alice-ff8d9819", Says: "Provisioned"),
        new("kubectl get clusterrolebindings,rolebindings -A -l tka.specht-labs.de/session=NAME",
            Instead: "kubectl get clusterrolebindings,rolebindings -A -l tka.specht-labs.de/session=tka-user-alice-ff8d9819", Says: "ClusterRole/view"),
        new("kubectl get clusterrolebindings,rolebindings -A -l app.kubernetes.io/managed-by=tka", Says: "ClusterRole/view"),
        new("tka sessions", Instead: "TKA_DEV_SOURCE=127.0.0.6 {}", Says: "tka-user-alice-ff8d9819"),
        new("tka sessions end tka-user-alice-ff8d9819", Instead: "TKA_DEV_SOURCE=127.0.0.6 {}", Says: "Ended"),
        new("kubectl -n tka-sessions delete tkasignin tka-user-alice-ff8d9819", First: "tka login", Says: "deleted"),
        new("kubectl -n tka-sessions delete tkasignins --all", First: "tka login", Says: "deleted"),

        new("kubectl -n tka-system get lease tka-operator -o yaml", Says: "holderIdentity"),
        new("kubectl -n tka-system get pods"),
        new("kubectl -n tka-system describe pods -l app.kubernetes.io/name=tka-operator"),
        new("kubectl -n tka-system get configmap tka-operator-ca -o jsonpath='{.data.ca\\.crt}' > ca.crt", Instead: "{}; cat ca.crt", Says: "BEGIN CERTIFICATE"),
        new("kubectl get pods -A", Says: "worker-0"),

        new("tka login", Says: "alice@example.com"),
        new("tka access", Says: "tka-edit"),
        new("tka login --role tka-edit", Says: "team-a"),
        new("tka login --role ROLE", Instead: "tka login --role view"),
        new("tka login --role tka-edit --period 2h", Instead: "tka login --role tka-edit --period 20m"),
        new("tka login --period 30m", Says: "view"),
        new("tka login --cluster NAME", Instead: "tka login --cluster dev", Says: "dev"),
        new("tka status -o json | jq -r .until", Instead: "tka status -o json | if command -v jq; then jq -r .until; else grep until; fi", Says: "T"),
        new("tka refresh"),
        new("eval \"$(tka login --quiet)\"", Instead: "{}; kubectl get pods -n team-a", Says: "worker-0"),
        new("tka exec kubectl get pods -A", Says: "worker-0"),
        new("tka exec --role tka-edit -- kubectl rollout restart deploy/web -n team-a", Says: "restarted"),
        new("tka exec --role tka-edit -- kubectl rollout restart deployment/web -n team-a", Instead: "tka exec --role tka-edit -- kubectl rollout history deployment/web -n team-a"),
        new("tka exec --role tka-edit -- kubectl -n team-a delete pod worker-0", Says: "deleted"),
        new("tka exec --role ROLE", Instead: "tka exec --role view -- true"),
        new("tka shell"),
        new("tka shell --role tka-edit --period 30m"),
        new("tka shell -- COMMAND", Instead: "tka shell -- kubectl get pods -n team-a"),
        new("tka login --merge --role tka-edit"),
        new("tka use tka-edit", First: "tka login --role tka-edit"),
        new("tka login --role tka-edit && tka use tka-edit && tka use view", First: "tka login --merge"),
        new("tka login --merge"),
        new("tka login --merge --auto-login"),
        new("tka login --merge --use --auto-login"),
        new("tka logout --role tka-edit"),
        new("tka logout --role ROLE", Instead: "tka logout --role view"),
        new("tka logout", First: "tka login"),

        new("tka config tailscale.tailnet example.ts.net --force"),
        new("tka config output.theme --quiet"),
        new("tka config --filename --quiet"),
        new("tka config KEY VALUE", Instead: "tka config output.theme dark --force"),
        new("tka config orchestrator.url tka-orchestrator", Instead: "{} --force"),
        new("tka config orchestrator.url HOST --force", Instead: "tka config orchestrator.url tka-orchestrator --force"),
        new("tka config tailscale.proxy socks5h://127.0.0.1:1055 --force"),
        new("source <(tka completion bash)"),
        new("tka completion fish > ~/.config/fish/completions/tka.fish", First: "mkdir -p ~/.config/fish/completions"),
        new("eval \"$(tka generate integration bash)\""),
        new("tka generate documentation docs/cli.md", Instead: "tka generate documentation -", Says: "tka login"),

        new("kubectl -n tka-system patch secret tka-operator-tls --type=merge -p '{\"data\":null}'", Says: "patched"),
    ];

    /// <summary>Commands that cannot run in a test, and why.</summary>
    public static IReadOnlyDictionary<string, string> NotHere { get; } = new Dictionary<string, string>
    {
        ["kubectl -n tka-system rollout status ..."] = "no test cluster runs Pods",
        ["helm test tka --namespace tka-system"] = "no test cluster runs Pods; CleanEndTests runs the Pod's program",
        ["kubectl -n tka-system logs tka-api-0 -c tailscale"] = "no test cluster runs Pods",
        ["pg_dump --clean --if-exists ..."] = "no test has PostgreSQL; RestoreTests keeps the state store",
        ["psql --file=tka-history.sql ..."] = "no test has PostgreSQL; RestoreTests keeps the state store",
        ["kubectl -n tka-system port-forward service/tka-operator 8443 &"] = "no test cluster runs Pods",
        ["curl --cacert ca.crt ..."] = "needs the port-forward; LedgerTests asks the same address",
        ["kubectl apply -k deploy/aspirate"] = "needs aspirate's output, over which AspirateTests renders it",
        ["aspirate generate ..."] = "aspirate is no package of this repository",
        ["aspire ..."] = "the Aspire CLI is no package of this repository",
        ["cosign verify ..."] = "needs a published release",
        ["dotnet publish TKA.Api -t:PublishContainer -p:ContainerRegistry=..."] = "needs a registry of one's own; ImageTests publishes to an archive",
        ["dotnet publish TKA.Api -t:PublishContainer -p:ContainerArchiveOutputPath=..."] = "downloads the base image; ImageTests puts a registry of its own in its place",
        ["dotnet run --project TKA.AppHost ..."] = "TKA.AppHost.Tests starts it, ServesTests publishes with it",
        ["dotnet run --project TKA.AppHost"] = "TKA.AppHost.Tests starts it",
        ["dotnet run --project TKA.AppHost [-- options]"] = "TKA.AppHost.Tests starts it",
        ["dotnet run --project dev/TKA.DevStack"] = "EmbeddedStackTests starts what it builds",
        ["dotnet run --project dev/TKA.DevStack -- --clusters 3"] = "the world of this test",
        ["dotnet watch --project dev/TKA.DevStack"] = "never ends",
        ["dotnet run --project TKA.Cli -- login"] = "builds; the same program is run above",
        ["dotnet run -c Release --project TKA.Benchmarks ..."] = "takes minutes",
        ["dotnet publish TKA.Cli -c Release ..."] = "CliBinary publishes so, for this system",
        ["dotnet pack TKA.Cli -c Release -o artifacts/tka"] = "takes a minute",
        ["dotnet tool install ..."] = "needs the package, and changes the user's tools",
        ["install artifacts/tka/tka ~/.local/bin/"] = "needs the published binary",
        ["dotnet dev-certs https --trust"] = "changes the machine's trusted certificates",
        ["dotnet test"] = "this is it",
        ["dotnet TKA.Tests/bin/Debug/net10.0/TKA.Tests.dll ..."] = "this is it",
        ["dotnet build TKA.sln"] = "was run before this",
        [".ci/run"] = "runs this",
        ["TKA_TEST_KUBECONFIG=..."] = "needs a real cluster",
        ["TKA.Api --server.readTimeout 10"] = "an error on purpose: ServiceProgramTests",
        ["TKA.Orchestrator --orchestrator.heartbeet 10s"] = "an error on purpose: ServiceProgramTests",
        ["source <(tka completion zsh)"] = "CompletionTests, in that shell",
        ["eval \"$(tka generate integration zsh)\""] = "ShellTests, in that shell",
        ["tka generate integration fish | source"] = "ShellTests, in that shell",
        ["tka generate integration powershell | Out-String | Invoke-Expression"] = "needs PowerShell",
        ["tka completion powershell | Out-String | Invoke-Expression"] = "needs PowerShell",
    };
}
