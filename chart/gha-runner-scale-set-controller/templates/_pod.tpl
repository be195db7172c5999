{{- /* The controller's pod: its arguments, its ports, and how little it may do. */}}

{{- /* The arguments in ARC's order. Pairs without a value leave their flag out. */}}
{{- define "gha-runner-scale-set-controller.args" -}}
{{- $flags := .Values.flags | default dict -}}
{{- $args := list "--auto-scaling-runner-set-only" -}}
{{- $pairs := list -}}
{{- if include "gha-runner-scale-set-controller.electsLeader" . -}}
{{- $args = append $args "--enable-leader-election" -}}
{{- $pairs = append $pairs (list "leader-election-id" (include "gha-runner-scale-set-controller.fullname" .)) -}}
{{- end -}}
{{- range .Values.imagePullSecrets -}}
{{- $pairs = append $pairs (list "auto-scaler-image-pull-secrets" .name) -}}
{{- end -}}
{{- $pairs = concat $pairs (list
  (list "log-level" $flags.logLevel)
  (list "log-format" $flags.logFormat)
  (list "watch-single-namespace" $flags.watchSingleNamespace)
  (list "update-strategy" $flags.updateStrategy)
  (list "runner-max-concurrent-reconciles" $flags.runnerMaxConcurrentReconciles)
) -}}
{{- range $pairs -}}
{{- with include "gha-runner-scale-set-controller.flag" . }}{{ $args = append $args . }}{{ end -}}
{{- end -}}
{{- $metrics := .Values.metrics | default (dict "listenerAddr" "0" "controllerManagerAddr" "0") -}}
{{- $args = append $args (printf "--listener-metrics-addr=%s" (include "gha-runner-scale-set-controller.text" $metrics.listenerAddr)) -}}
{{- $args = append $args (printf "--listener-metrics-endpoint=%s" (include "gha-runner-scale-set-controller.text" $metrics.listenerEndpoint)) -}}
{{- $args = append $args (printf "--metrics-addr=%s" (include "gha-runner-scale-set-controller.text" $metrics.controllerManagerAddr)) -}}
{{- $pairs = list (list "pprof-addr" (.Values.pprof).addr) -}}
{{- range $flags.excludeLabelPropagationPrefixes -}}
{{- $pairs = append $pairs (list "exclude-label-propagation-prefix" .) -}}
{{- end -}}
{{- $pairs = concat $pairs (list
  (list "k8s-client-rate-limiter-qps" $flags.k8sClientRateLimiterQPS)
  (list "k8s-client-rate-limiter-burst" $flags.k8sClientRateLimiterBurst)
  (list "workqueue-rate-limiter" ($flags.rateLimiter).name)
  (list "health-probe-bind-address" $flags.healthProbeBindAddress)
) -}}
{{- range $pairs -}}
{{- with include "gha-runner-scale-set-controller.flag" . }}{{ $args = append $args . }}{{ end -}}
{{- end -}}
{{- range .Values.extraArgs -}}
{{- $args = append $args (include "gha-runner-scale-set-controller.text" .) -}}
{{- end -}}
{{- toYaml $args -}}
{{- end }}

{{- /* Takes a name and a value; nothing for an empty value. */}}
{{- define "gha-runner-scale-set-controller.flag" -}}
{{- if last . -}}
{{- printf "--%s=%s" (first .) (include "gha-runner-scale-set-controller.text" (last .)) -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.metricsPort" -}}
{{- with .Values.metrics -}}
{{- include "gha-runner-scale-set-controller.port" (dict "key" "metrics.controllerManagerAddr" "value" .controllerManagerAddr) -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.pprofPort" -}}
{{- with .Values.pprof -}}
{{- include "gha-runner-scale-set-controller.port" (dict "key" "pprof.addr" "value" .addr) -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.healthPort" -}}
{{- with (.Values.flags).healthProbeBindAddress -}}
{{- include "gha-runner-scale-set-controller.port" (dict "key" "flags.healthProbeBindAddress" "value" .) -}}
{{- end -}}
{{- end }}

{{- /*
What the pod and the container may do: what the user says, or, when that is nothing at all, no more than the Pod
Security level `restricted` lets pass. Mixing the two could forbid what the user asks for. No user id: the image has one,
and OpenShift lets pods of each namespace run under ids of its own range only.
*/}}
{{- define "gha-runner-scale-set-controller.podSecurityContext" -}}
{{- if .Values.podSecurityContext -}}
{{- toYaml .Values.podSecurityContext -}}
{{- else if not .Values.securityContext -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.securityContext" -}}
{{- if .Values.securityContext -}}
{{- toYaml .Values.securityContext -}}
{{- else if not .Values.podSecurityContext -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
readOnlyRootFilesystem: true
{{- end -}}
{{- end }}
