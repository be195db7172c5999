{{- /* What comes after everything else of the release has been deleted: see `releaseOnUninstall`. */}}

{{- /* Takes the weight: what the Job needs comes before it. None of it stays, whatever becomes of the Job. */}}
{{- define "gha-runner-scale-set-controller.lastHook" -}}
helm.sh/hook: post-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end }}

{{- /* The labels of the controller's pods, as a selector. */}}
{{- define "gha-runner-scale-set-controller.selector" -}}
{{- $pairs := list -}}
{{- range $key, $value := include "gha-runner-scale-set-controller.selectorLabels" . | fromYaml -}}
{{- $pairs = append $pairs (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end }}
