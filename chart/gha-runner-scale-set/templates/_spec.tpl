{{- /* Parts of the AutoscalingRunnerSet's spec beside the runner's pod. */}}

{{- define "gha-runner-scale-set.proxy" -}}
{{- $proxy := .Values.proxy | default dict -}}
{{- $result := dict -}}
{{- range $key := list "http" "https" -}}
{{- with index $proxy $key -}}
{{- $one := dict "url" (include "gha-runner-scale-set.text" .url) -}}
{{- with .credentialSecretRef }}{{ $_ := set $one "credentialSecretRef" (include "gha-runner-scale-set.text" .) }}{{ end -}}
{{- $_ := set $result $key $one -}}
{{- end -}}
{{- end -}}
{{- if and $proxy.noProxy (kindIs "slice" $proxy.noProxy) -}}
{{- $hosts := list -}}
{{- range $proxy.noProxy }}{{ $hosts = append $hosts (include "gha-runner-scale-set.text" .) }}{{ end -}}
{{- $_ := set $result "noProxy" $hosts -}}
{{- end -}}
{{- if $result }}{{ toYaml $result }}{{ end -}}
{{- end }}

{{- /* Labels and annotations of what the controller makes: field of the spec by key in `resourceMeta`. */}}
{{- define "gha-runner-scale-set.childMetadata" -}}
{{- $fields := dict
  "autoscalingListener" "autoscalingListener"
  "listenerServiceAccount" "listenerServiceAccountMetadata"
  "listenerRole" "listenerRoleMetadata"
  "listenerRoleBinding" "listenerRoleBindingMetadata"
  "listenerConfigSecret" "listenerConfigSecretMetadata"
  "ephemeralRunnerSet" "ephemeralRunnerSetMetadata"
  "ephemeralRunner" "ephemeralRunnerMetadata"
  "ephemeralRunnerConfigSecret" "ephemeralRunnerConfigSecretMetadata"
-}}
{{- range $key, $field := $fields -}}
{{- with index ($.Values.resourceMeta | default dict) $key -}}
{{- if or .labels .annotations }}
{{ $field }}:
  {{- range $kind, $pairs := pick . "labels" "annotations" }}
  {{- with include "gha-runner-scale-set.pairs" $pairs | fromYaml }}
  {{ $kind }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
