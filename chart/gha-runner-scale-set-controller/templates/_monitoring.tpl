{{- /* Objects of the Prometheus operator, of Grafana's sidecar, and who may reach the metrics: all of them opt-in. */}}

{{- /* Labels of an object that other programs find by labels of the user's. */}}
{{- define "gha-runner-scale-set-controller.findableLabels" -}}
{{- $given := include "gha-runner-scale-set-controller.pairs" .labels | fromYaml -}}
{{- mergeOverwrite (include "gha-runner-scale-set-controller.labels" .root | fromYaml) $given | toYaml -}}
{{- end }}

{{- /* Pods of listeners, whoever made them: the controller gives them these labels. */}}
{{- define "gha-runner-scale-set-controller.listenerSelector" -}}
app.kubernetes.io/part-of: gha-runner-scale-set
app.kubernetes.io/component: runner-scale-set-listener
{{- end }}

{{- /* The port that listeners serve metrics on; empty when they serve none. */}}
{{- define "gha-runner-scale-set-controller.listenerPort" -}}
{{- $address := include "gha-runner-scale-set-controller.text" (.Values.metrics).listenerAddr -}}
{{- $port := regexFind "[0-9]+$" $address -}}
{{- if gt (int $port) 0 }}{{ int $port }}{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.listenerPath" -}}
{{- include "gha-runner-scale-set-controller.text" (.Values.metrics).listenerEndpoint | default "/metrics" -}}
{{- end }}

{{- /* Takes `root` and `key`: what monitors must have to be of use. */}}
{{- define "gha-runner-scale-set-controller.needsMetrics" -}}
{{- if not (include "gha-runner-scale-set-controller.metricsPort" .root) -}}
{{- fail (printf "Values.%s is set, but nothing serves metrics: set Values.metrics.controllerManagerAddr to an address with a port, for example \":8080\"" .key) -}}
{{- end -}}
{{- end }}

{{- /* One endpoint of a monitor. The labels `namespace` and `name` are the runner set's, not the pod's. Takes `path` and `interval`. */}}
{{- define "gha-runner-scale-set-controller.endpoint" -}}
- port: metrics
  path: {{ .path | quote }}
  honorLabels: true
  {{- with .interval }}
  interval: {{ . | quote }}
  {{- end }}
{{- end }}
