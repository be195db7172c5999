{{- /* Labels and annotations of the chart's objects: the user's, and those that the user cannot replace. */}}

{{- /* The version of ARC whose resources this chart renders: what ARC's controller and ours compare. */}}
{{- define "gha-runner-scale-set.speaksVersion" -}}
{{- index .Chart.Annotations "longshore.dev/speaks-arc-version" -}}
{{- end }}

{{- define "gha-runner-scale-set.reservedLabels" -}}
{{- $name := include "gha-runner-scale-set.scaleSetName" . -}}
{{- dict
  "helm.sh/chart" (printf "gha-rs-%s" .Chart.Version | replace "+" "_" | trunc 63)
  "app.kubernetes.io/name" $name
  "app.kubernetes.io/instance" $name
  "app.kubernetes.io/version" (include "gha-runner-scale-set.speaksVersion" .)
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "gha-rs"
  "actions.github.com/scale-set-name" $name
  "actions.github.com/scale-set-namespace" (include "gha-runner-scale-set.namespace" .)
| toYaml -}}
{{- end }}

{{- /* Takes `root`, `labels`: without those that are reserved, whether this object has them or not. */}}
{{- define "gha-runner-scale-set.unreserved" -}}
{{- $reserved := include "gha-runner-scale-set.reservedLabels" .root | fromYaml -}}
{{- $kept := dict -}}
{{- range $key, $value := include "gha-runner-scale-set.pairs" .labels | fromYaml -}}
{{- if not (or (hasKey $reserved $key) (eq $key "app.kubernetes.io/component") (hasPrefix "actions.github.com/" $key)) -}}
{{- $_ := set $kept $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $kept -}}
{{- end }}

{{- /* Annotations that tell the controller something, which only this chart may write. Takes a map. */}}
{{- define "gha-runner-scale-set.untoldAnnotations" -}}
{{- $kept := dict -}}
{{- range $key, $value := include "gha-runner-scale-set.pairs" . | fromYaml -}}
{{- if not (or (hasPrefix "actions.github.com/cleanup-" $key) (eq $key "actions.github.com/values-hash")) -}}
{{- $_ := set $kept $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $kept -}}
{{- end }}

{{- /*
Name, namespace, labels and annotations of one object. Takes `root`, `name`, `meta` (its key in `resourceMeta`) and,
where it has them, its `component` and `annotations` of its own, which those of `resourceMeta` replace. Labels of `resourceMeta` may be in GitHub's group, those for all objects may not.
*/}}
{{- define "gha-runner-scale-set.metadata" -}}
{{- $given := index (.root.Values.resourceMeta | default dict) .meta | default dict -}}
{{- $labels := include "gha-runner-scale-set.unreserved" (dict "root" .root "labels" .root.Values.labels) | fromYaml -}}
{{- $labels = mergeOverwrite $labels (include "gha-runner-scale-set.pairs" $given.labels | fromYaml) -}}
{{- $labels = mergeOverwrite $labels (include "gha-runner-scale-set.reservedLabels" .root | fromYaml) -}}
{{- with .component -}}
{{- $_ := set $labels "app.kubernetes.io/component" . -}}
{{- end -}}
{{- $annotations := include "gha-runner-scale-set.pairs" .root.Values.annotations | fromYaml -}}
{{- $annotations = mergeOverwrite $annotations (include "gha-runner-scale-set.pairs" .annotations | fromYaml) -}}
{{- $annotations = mergeOverwrite $annotations (include "gha-runner-scale-set.pairs" $given.annotations | fromYaml) -}}
name: {{ .name | quote }}
namespace: {{ include "gha-runner-scale-set.namespace" .root | quote }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The same for the AutoscalingRunnerSet, where nothing of the user's may look like the chart's. */}}
{{- define "gha-runner-scale-set.runnerSetMetadata" -}}
{{- $given := (.Values.resourceMeta).autoscalingRunnerSet | default dict -}}
{{- $labels := include "gha-runner-scale-set.unreserved" (dict "root" . "labels" .Values.labels) | fromYaml -}}
{{- $own := include "gha-runner-scale-set.unreserved" (dict "root" . "labels" $given.labels) | fromYaml -}}
{{- $labels = mergeOverwrite $labels $own (include "gha-runner-scale-set.reservedLabels" . | fromYaml) -}}
{{- $_ := set $labels "app.kubernetes.io/component" "autoscaling-runner-set" -}}
{{- $annotations := include "gha-runner-scale-set.untoldAnnotations" .Values.annotations | fromYaml -}}
{{- $own = include "gha-runner-scale-set.untoldAnnotations" $given.annotations | fromYaml -}}
{{- $annotations = mergeOverwrite $annotations $own (include "gha-runner-scale-set.cleanup" . | fromYaml) -}}
{{- $_ := set $annotations "actions.github.com/values-hash" (toJson .Values | sha256sum | trunc 63) -}}
name: {{ include "gha-runner-scale-set.name" . | quote }}
namespace: {{ include "gha-runner-scale-set.namespace" . | quote }}
labels:
  {{- toYaml $labels | nindent 2 }}
annotations:
  {{- toYaml $annotations | nindent 2 }}
{{- end }}

{{- /* Which objects a controller lets go of with the set, where ARC's chart has put finalizers on them. */}}
{{- define "gha-runner-scale-set.cleanup" -}}
{{- $named := dict
  "manager-role-binding" (include "gha-runner-scale-set.managerName" .)
  "manager-role-name" (include "gha-runner-scale-set.managerName" .)
-}}
{{- if include "gha-runner-scale-set.makesSecret" . -}}
{{- $_ := set $named "github-secret-name" (include "gha-runner-scale-set.githubSecretName" .) -}}
{{- end -}}
{{- if include "gha-runner-scale-set.makesKubeMode" . -}}
{{- $_ := set $named "kubernetes-mode-role-binding-name" (include "gha-runner-scale-set.kubeModeName" .) -}}
{{- $_ := set $named "kubernetes-mode-role-name" (include "gha-runner-scale-set.kubeModeName" .) -}}
{{- $_ := set $named "kubernetes-mode-service-account-name" (include "gha-runner-scale-set.runnerAccount" .) -}}
{{- end -}}
{{- if include "gha-runner-scale-set.makesNoPermissionAccount" . -}}
{{- $_ := set $named "no-permission-service-account-name" (include "gha-runner-scale-set.runnerAccount" .) -}}
{{- end -}}
{{- range $key, $name := $named }}
actions.github.com/cleanup-{{ $key }}: {{ $name | quote }}
{{- end }}
{{- end }}
