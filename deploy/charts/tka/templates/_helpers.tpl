{{- define "tka.labels" -}}
app.kubernetes.io/part-of: tka
{{- with .Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "tka.image" -}}
{{- $image := index .root.Values.images .name -}}
{{- $repository := $image.repository | default (printf "%s/tka-%s" .root.Values.images.registry .name) -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository ($image.tag | default .root.Values.images.tag | default .root.Chart.AppVersion) }}
{{- end -}}
{{- end }}

{{- /* A list of CEL strings. */ -}}
{{- define "tka.cel" -}}
[{{ range $i, $item := . }}{{ if $i }}, {{ end }}'{{ $item }}'{{ end }}]
{{- end }}

{{- define "tka.podSecurityContext" -}}
runAsNonRoot: true
{{- if .root.Values.podSecurity.fixedUserIds }}
runAsUser: 1654
runAsGroup: 1654
fsGroup: {{ .fsGroup }}
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- if .lowPort }}
# Port 443 as a plain user: by this, not by a capability.
sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "443"}]
{{- end }}
{{- end }}

{{- /* .NET cannot use TLS without a home directory, and a user id that the platform assigns may have none. */ -}}
{{- define "tka.home" -}}
{{- if not .Values.podSecurity.fixedUserIds -}}
- {name: HOME, value: /tmp}
{{- end }}
{{- end }}

{{- define "tka.probes" -}}
startupProbe: {httpGet: {path: /livez, port: management}, periodSeconds: 1, failureThreshold: 60}
livenessProbe: {httpGet: {path: /livez, port: management}, periodSeconds: 10, timeoutSeconds: 3}
readinessProbe: {httpGet: {path: /readyz, port: management}, periodSeconds: 5, timeoutSeconds: 3}
{{- end }}

{{- define "tka.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector:
{{ toYaml . | indent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
{{ toYaml . | indent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- /* Everything that makes daprd fit our Pods; TKA.Tests/Deploy/DaprInjectorTests.cs says why, with Dapr's source. */ -}}
{{- define "tka.daprAnnotations" -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .id }}
dapr.io/log-as-json: "true"
dapr.io/log-level: warn
dapr.io/enable-api-logging: "false"
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
dapr.io/sidecar-cpu-request: {{ .root.Values.dapr.sidecar.cpuRequest }}
dapr.io/sidecar-memory-request: {{ .root.Values.dapr.sidecar.memoryRequest }}
dapr.io/sidecar-memory-limit: {{ .root.Values.dapr.sidecar.memoryLimit }}
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/api-token-secret: {{ .root.Values.dapr.apiTokenSecret }}
dapr.io/block-shutdown-duration: 5s
{{- end }}

{{- define "tka.daprToken" -}}
- name: DAPR_API_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ .Values.dapr.apiTokenSecret }}, key: token}
{{- end }}

{{- /* tailscaled in userspace mode, as a sidecar. */ -}}
{{- define "tka.tailscale" -}}
- name: tailscale
  image: {{ include "tka.image" (dict "root" .root "name" "tailscale") }}
  imagePullPolicy: {{ .root.Values.images.pullPolicy }}
  restartPolicy: Always
  env:
    - {name: TS_USERSPACE, value: "true"}
    {{- if .pods }}
    - name: POD_NAME
      valueFrom:
        fieldRef: {apiVersion: v1, fieldPath: metadata.name}
    - {name: TS_HOSTNAME, value: $(POD_NAME)}
    - {name: TS_SERVE_CONFIG, value: /etc/tka/serve/serve.json}
    {{- else }}
    - {name: TS_HOSTNAME, value: {{ .hostname }}}
    {{- end }}
    - {name: TS_EXTRA_ARGS, value: "--advertise-tags={{ .root.Values.tailscale.tags }}"}
    - {name: TS_AUTH_ONCE, value: "true"}
    {{- if .root.Values.tailscale.workloadIdentity.clientId }}
    # Unless told otherwise Tailscale makes such a node ephemeral, which is removed when it has been away for a while and comes back as
    # another node, and lets it wait for approval.
    - {name: TS_CLIENT_ID, value: "{{ .root.Values.tailscale.workloadIdentity.clientId }}?ephemeral=false&preauthorized=true"}
    - {name: TS_ID_TOKEN, value: "file:/var/run/secrets/tailscale/token"}
    {{- else }}
    # Optional, because a node that has logged in once does not need it again.
    - name: TS_AUTHKEY
      valueFrom:
        secretKeyRef: {name: {{ .root.Values.tailscale.authKeySecret.name }}, key: {{ .root.Values.tailscale.authKeySecret.key }}, optional: true}
    {{- end }}
    - {name: TS_STATE_DIR, value: /var/lib/tailscale}
    # Empty: state is on the volume, and no right on Secrets is needed.
    - {name: TS_KUBE_SECRET, value: ""}
    - {name: TS_SOCKET, value: /var/run/tailscale/tailscaled.sock}
    {{- if .root.Values.podSecurity.fixedUserIds }}
    # The service's user may fetch the node's certificate, and nothing else that needs write access.
    - {name: TS_PERMIT_CERT_UID, value: "1654"}
    {{- end }}
    - name: POD_IP
      valueFrom:
        fieldRef: {apiVersion: v1, fieldPath: status.podIP}
    # containerboot puts the brackets around an IPv6 address that equals this one.
    - name: POD_IPS
      valueFrom:
        fieldRef: {apiVersion: v1, fieldPath: status.podIPs}
    - {name: TS_ENABLE_HEALTH_CHECK, value: "true"}
    - {name: TS_LOCAL_ADDR_PORT, value: "$(POD_IP):9002"}
  ports:
    - {name: ts-health, containerPort: 9002, protocol: TCP}
  startupProbe: {httpGet: {path: /healthz, port: ts-health}, periodSeconds: 2, failureThreshold: 60}
  resources: {{ toJson .root.Values.tailscale.resources }}
  securityContext:
    {{- if .root.Values.podSecurity.fixedUserIds }}
    # Another user than the service's: as tailscaled's own user it could reconfigure the node (LocalAPI write access).
    runAsUser: 65531
    runAsGroup: 65531
    {{- end }}
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: {drop: [ALL]}
  volumeMounts:
    - {name: tailscale-state, mountPath: /var/lib/tailscale}
    - {name: tailscale-socket, mountPath: /var/run/tailscale}
    - {name: tailscale-tmp, mountPath: /tmp}
    {{- if .pods }}
    - {name: serve-config, mountPath: /etc/tka/serve, readOnly: true}
    {{- end }}
    {{- if .root.Values.tailscale.workloadIdentity.clientId }}
    - {name: tailscale-identity, mountPath: /var/run/secrets/tailscale, readOnly: true}
    {{- end }}
{{- end }}

{{- define "tka.tailscaleVolumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 16Mi}}
- {name: tailscale-tmp, emptyDir: {sizeLimit: 16Mi}}
- {name: tailscale-socket, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
{{- with .Values.tailscale.workloadIdentity }}
{{- if .clientId }}
- name: tailscale-identity
  projected:
    defaultMode: 292
    sources:
      - serviceAccountToken: {path: token, audience: {{ .audience | default (printf "api.tailscale.com/%s" .clientId) }}, expirationSeconds: 3600}
{{- end }}
{{- end }}
{{- end }}

{{- /* Every field that the API server would fill in is written: an atomic list that differs shows as out of sync for ever. */ -}}
{{- define "tka.tailscaleClaim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: tailscale-state
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: {{ .Values.tailscale.storage.size }}}}
    {{- with .Values.tailscale.storage.className }}
    storageClassName: {{ . }}
    {{- end }}
    volumeMode: Filesystem
  status:
    phase: Pending
{{- end }}

{{- /* 292 is 0444: kustomize writes numbers in decimal. */ -}}
{{- define "tka.kubeApiVolume" -}}
- name: kube-api
  projected:
    defaultMode: 292
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3600}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}]}
{{- end }}

{{- /* A Pod that runs a command of the operator once, with the operator's rights. */ -}}
{{- define "tka.operatorCommand" -}}
serviceAccountName: tka-operator
automountServiceAccountToken: false
restartPolicy: Never
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext: {{- include "tka.podSecurityContext" (dict "root" .root "fsGroup" 1654 "lowPort" false) | nindent 2 }}
containers:
  - name: {{ .command }}
    image: {{ include "tka.image" (dict "root" .root "name" "operator") }}
    args: [{{ .command }}]
    env:
      - {name: Operator__Namespace, value: {{ .root.Values.sessionsNamespace }}}
      - {name: Operator__SystemNamespace, value: {{ .root.Release.Namespace }}}
      {{- include "tka.roles" .root | trim | nindent 6 }}
      {{- with include "tka.home" .root }}{{ . | nindent 6 }}{{ end }}
    resources: {requests: {cpu: 10m, memory: 64Mi}, limits: {memory: 256Mi}}
    securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
    volumeMounts:
      - {name: kube-api, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
volumes:
  {{- include "tka.kubeApiVolume" .root | nindent 2 }}
{{- end }}

{{/* Which ClusterRoles sessions may hold, and which of them cluster-wide: the same lists as RBAC's (bind) and tka-bindings'. In the Pod and
not in a ConfigMap, so that an operator's Pod starts again while everything else of TKA is being deleted. */}}
{{- define "tka.roles" -}}
{{- range $i, $role := .Values.roles.allowed }}
- {name: Operator__AllowedRoles__{{ $i }}, value: {{ $role }}}
{{- end }}
{{- range $i, $role := .Values.roles.clusterWide }}
- {name: Operator__ClusterWideRoles__{{ $i }}, value: {{ $role }}}
{{- end }}
{{- end }}
