{{- /* What the user should know about the values, for the notes. Nothing here refuses anything. */}}

{{- /* Paths of keys that this chart does not know, one a line. Takes `values`, `known` and `path`. */}}
{{- define "gha-runner-scale-set-controller.unknownKeys" -}}
{{- range $key, $value := .values -}}
{{- $path := printf "%s%s" $.path $key -}}
{{- if not (hasKey $.known $key) }}
{{ $path }}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $.known $key)) -}}
{{- include "gha-runner-scale-set-controller.unknownKeys" (dict "values" $value "known" (index $.known $key) "path" (printf "%s." $path)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.warnings" -}}
{{- $known := include "gha-runner-scale-set-controller.knownKeys" . | fromYaml -}}
{{- $unknown := include "gha-runner-scale-set-controller.unknownKeys" (dict "values" .Values "known" $known "path" "") | trim -}}
{{- range $path := ternary (splitList "\n" $unknown) list (ne $unknown "") }}
- {{ $path }} is no key of this chart and has no effect.
{{- end }}
{{- if include "gha-runner-scale-set-controller.keepsImageOfArc" . }}
- image.repository is ARC's own, without a tag: {{ include "gha-runner-scale-set-controller.image" . }} runs instead.
{{- else if contains "/actions/gha-runner-scale-set-controller" (include "gha-runner-scale-set-controller.text" (.Values.image).repository) }}
- image.repository is {{ .Values.image.repository | quote }}: by its name that is ARC's controller, not Longshore.
{{- end }}
{{- if (.Values.flags.rateLimiter).name }}
- flags.rateLimiter.name has no effect: Longshore spaces retries in one way.
{{- end }}
{{- if .Values.flags.updateStrategy }}
- flags.updateStrategy has no effect: busy runners finish, idle ones are replaced bit by bit.
{{- end }}
{{- if (.Values.pprof).addr }}
- pprof.addr has no effect but to name a port: Longshore serves no profile.
{{- end }}
{{- end }}

{{- define "gha-runner-scale-set-controller.notes" -}}
Thank you for installing {{ .Chart.Name }}.

The release is called {{ .Release.Name }}.
{{- with include "gha-runner-scale-set-controller.warnings" . | trim }}

Please note:
{{ . }}
{{- end }}
{{- end }}
