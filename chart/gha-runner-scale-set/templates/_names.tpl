{{- /* What everything is called. Names of kinds, objects and labels are shared with ARC: see DIFFERENCES.md. */}}

{{- /* A scalar of the values as text; whole numbers never with an exponent. */}}
{{- define "gha-runner-scale-set.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end -}}
{{- else if not (kindIs "invalid" .) -}}
{{- toString . -}}
{{- end -}}
{{- end }}

{{- /* A map whose values are texts, as labels and annotations are, one pair a line. */}}
{{- define "gha-runner-scale-set.pairs" -}}
{{- range $key, $value := . }}
{{ $key | quote }}: {{ include "gha-runner-scale-set.text" $value | quote }}
{{- end }}
{{- end }}

{{- /* The name at GitHub, as users write it; labels keep its underscores. */}}
{{- define "gha-runner-scale-set.scaleSetName" -}}
{{- include "gha-runner-scale-set.text" .Values.runnerScaleSetName | default .Release.Name -}}
{{- end }}

{{- /* No name in Kubernetes has an underscore, but for those of Roles and RoleBindings. */}}
{{- define "gha-runner-scale-set.name" -}}
{{- include "gha-runner-scale-set.scaleSetName" . | replace "_" "-" -}}
{{- end }}

{{- define "gha-runner-scale-set.namespace" -}}
{{- include "gha-runner-scale-set.text" .Values.namespaceOverride | default .Release.Namespace -}}
{{- end }}

{{- /* Begins the names of all objects but one. A name too long for it is cut, and told apart by a hash of the whole. */}}
{{- define "gha-runner-scale-set.fullname" -}}
{{- $name := include "gha-runner-scale-set.scaleSetName" . -}}
{{- if gt (len $name) 56 -}}
{{- $name = printf "%s-%s" ($name | trunc 47 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- printf "%s-gha-rs" $name -}}
{{- end }}

{{- define "gha-runner-scale-set.githubSecretName" -}}
{{- if include "gha-runner-scale-set.makesSecret" . -}}
{{- printf "%s-github-secret" (include "gha-runner-scale-set.fullname" .) | replace "_" "-" -}}
{{- else -}}
{{- include "gha-runner-scale-set.text" .Values.githubConfigSecret -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set.managerName" -}}
{{- printf "%s-manager" (include "gha-runner-scale-set.fullname" .) -}}
{{- end }}

{{- /* Of the rights that ARC's controller does not need, apart from those that it does. */}}
{{- define "gha-runner-scale-set.managerWatchName" -}}
{{- printf "%s-manager-watch" (include "gha-runner-scale-set.fullname" .) -}}
{{- end }}

{{- define "gha-runner-scale-set.kubeModeName" -}}
{{- printf "%s-kube-mode" (include "gha-runner-scale-set.fullname" .) -}}
{{- end }}

{{- /* Whose account the runners have: the user's, or one that this chart makes. */}}
{{- define "gha-runner-scale-set.runnerAccount" -}}
{{- $given := include "gha-runner-scale-set.text" ((.Values.template).spec).serviceAccountName -}}
{{- $fullname := include "gha-runner-scale-set.fullname" . -}}
{{- $suffix := ternary "kube-mode" "no-permission" (ne "" (include "gha-runner-scale-set.startsPods" .)) -}}
{{- $given | default (printf "%s-%s" $fullname $suffix | replace "_" "-") -}}
{{- end }}
