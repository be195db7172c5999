{{- /* What the user should know about the values, for the notes. Nothing here refuses anything. */}}

{{- /* Paths of keys that this chart does not know, one a line. Takes `values`, `known` and `path`. */}}
{{- define "gha-runner-scale-set.unknownKeys" -}}
{{- range $key, $value := .values -}}
{{- $path := printf "%s%s" $.path $key -}}
{{- if not (hasKey $.known $key) }}
{{ $path }}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $.known $key)) -}}
{{- include "gha-runner-scale-set.unknownKeys" (dict "values" $value "known" (index $.known $key) "path" (printf "%s." $path)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set.warnings" -}}
{{- $known := include "gha-runner-scale-set.knownKeys" . | fromYaml -}}
{{- $unknown := include "gha-runner-scale-set.unknownKeys" (dict "values" .Values "known" $known "path" "") | trim -}}
{{- range $path := ternary (splitList "\n" $unknown) list (ne $unknown "") }}
- {{ $path }} is no key of this chart and has no effect.
{{- end }}
{{- $mode := include "gha-runner-scale-set.mode" . }}
{{- if not (has $mode (list "" "dind" "kubernetes" "kubernetes-novolume")) }}
- containerMode.type is {{ $mode | quote }}, which is none of dind, kubernetes and kubernetes-novolume: jobs run as without a mode.
{{- end }}
{{- $containers := list }}
{{- range ((.Values.template).spec).containers }}{{ $containers = append $containers .name }}{{ end }}
{{- if not (has "runner" $containers) }}
- template.spec.containers has no container called "runner": {{ ternary "one is added with the default image." "no job can run." (has $mode (list "dind" "kubernetes" "kubernetes-novolume")) }}
{{- end }}
{{- if and (eq $mode "dind") (has "dind" $containers) }}
- template.spec.containers has a container called "dind": it is left out, because containerMode.type is "dind". See containerMode.dind for what can be changed.
{{- end }}
{{- $volumes := list }}
{{- range ((.Values.template).spec).volumes }}{{ $volumes = append $volumes .name }}{{ end }}
{{- if and (eq $mode "kubernetes") (not .Values.containerMode.kubernetesModeWorkVolumeClaim) (not (has "work" $volumes)) }}
- containerMode.kubernetesModeWorkVolumeClaim is not set, and no volume is called "work": the cluster will refuse the runners' pods.
{{- end }}
{{- range $key := list "maxRunners" "minRunners" }}
{{- $limit := index $.Values $key }}
{{- if not (or (kindIs "invalid" $limit) (include "gha-runner-scale-set.isNumber" $limit)) }}
- {{ $key }} is {{ include "gha-runner-scale-set.text" $limit | quote }}, which is no number: it is ignored.
{{- end }}
{{- end }}
{{- range $key, $list := dict "scaleSetLabels" .Values.scaleSetLabels "proxy.noProxy" (.Values.proxy).noProxy }}
{{- if and $list (not (kindIs "slice" $list)) }}
- {{ $key }} is no list: it is ignored.
{{- end }}
{{- end }}
{{- if and (include "gha-runner-scale-set.makesSecret" .) .Values.githubConfigSecret.github_token .Values.githubConfigSecret.github_app_id }}
- githubConfigSecret has both a token and a GitHub App: the controller will ask for one of them.
{{- end }}
{{- end }}

{{- define "gha-runner-scale-set.notes" -}}
Thank you for installing {{ .Chart.Name }}.

The release is called {{ .Release.Name }}.
{{- with include "gha-runner-scale-set.warnings" . | trim }}

Please note:
{{ . }}
{{- end }}
{{- end }}
