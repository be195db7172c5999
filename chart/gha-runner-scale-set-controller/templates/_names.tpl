{{- /* What everything is called. Names of kinds, objects and labels are shared with ARC: see DIFFERENCES.md. */}}

{{- /* A scalar of the values as text; whole numbers never with an exponent. */}}
{{- define "gha-runner-scale-set-controller.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end -}}
{{- else if not (kindIs "invalid" .) -}}
{{- toString . -}}
{{- end -}}
{{- end }}

{{- /* A map whose values are texts, as labels and annotations are, one pair a line. */}}
{{- define "gha-runner-scale-set-controller.pairs" -}}
{{- range $key, $value := . }}
{{ $key | quote }}: {{ include "gha-runner-scale-set-controller.text" $value | quote }}
{{- end }}
{{- end }}

{{- define "gha-runner-scale-set-controller.cut" -}}
{{- . | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.base" -}}
{{- include "gha-runner-scale-set-controller.text" .Values.nameOverride | default "gha-rs-controller" -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.name" -}}
{{- include "gha-runner-scale-set-controller.base" . | include "gha-runner-scale-set-controller.cut" -}}
{{- end }}

{{- /* The release's name alone when it says already what this is. */}}
{{- define "gha-runner-scale-set-controller.fullname" -}}
{{- $base := include "gha-runner-scale-set-controller.base" . -}}
{{- $given := include "gha-runner-scale-set-controller.text" .Values.fullnameOverride -}}
{{- $derived := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- default $derived $given | include "gha-runner-scale-set-controller.cut" -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.namespace" -}}
{{- include "gha-runner-scale-set-controller.text" .Values.namespaceOverride | default .Release.Namespace -}}
{{- end }}

{{- /* The one namespace that is served; empty: all. */}}
{{- define "gha-runner-scale-set-controller.watched" -}}
{{- include "gha-runner-scale-set-controller.text" (.Values.flags).watchSingleNamespace -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.serviceAccountName" -}}
{{- $account := .Values.serviceAccount | default dict -}}
{{- $name := include "gha-runner-scale-set-controller.text" $account.name -}}
{{- if eq $name "default" -}}
{{- fail "serviceAccount.name cannot be set to 'default': the controller needs a ServiceAccount of its own; leave it empty to have one made" -}}
{{- end -}}
{{- if not (or $account.create $name) -}}
{{- fail "serviceAccount.name must be set if serviceAccount.create is false: name a ServiceAccount that exists in the namespace of the controller" -}}
{{- end -}}
{{- default (include "gha-runner-scale-set-controller.fullname" .) $name -}}
{{- end }}

{{- /*
Whether a values file of ARC was kept whole, its image included. Under our version ARC has no image, so ours is meant; one
with a tag is taken at its word.
*/}}
{{- define "gha-runner-scale-set-controller.keepsImageOfArc" -}}
{{- $image := .Values.image | default dict -}}
{{- $isArcs := eq (include "gha-runner-scale-set-controller.text" $image.repository) "ghcr.io/actions/gha-runner-scale-set-controller" -}}
{{- if and $isArcs (not (include "gha-runner-scale-set-controller.text" $image.tag)) }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.image" -}}
{{- $image := .Values.image | default dict -}}
{{- $tag := include "gha-runner-scale-set-controller.text" $image.tag | default .Chart.AppVersion -}}
{{- $repository := include "gha-runner-scale-set-controller.text" $image.repository -}}
{{- if include "gha-runner-scale-set-controller.keepsImageOfArc" . -}}
{{- $repository = "ghcr.io/longshore/gha-runner-scale-set-controller" -}}
{{- end -}}
{{- printf "%s:%s" $repository $tag -}}
{{- end }}

{{- /* At least one; more than one have to elect a leader. */}}
{{- define "gha-runner-scale-set-controller.replicas" -}}
{{- max 1 (int .Values.replicaCount) -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.electsLeader" -}}
{{- if gt (int .Values.replicaCount) 1 }}yes{{ end -}}
{{- end }}

{{- /*
The port of a listen address, given as `key` and `value`; fails when there is none. Empty for "0", which means
nowhere: a container has no port 0.
*/}}
{{- define "gha-runner-scale-set-controller.port" -}}
{{- $address := include "gha-runner-scale-set-controller.text" .value -}}
{{- $port := regexFind "[0-9]+$" $address -}}
{{- if not $port -}}
{{- fail (printf "Values.%s must end with a numeric port: %q does not; for example \":8080\" or \"0.0.0.0:8080\", or \"0\" for none" .key $address) -}}
{{- end -}}
{{- if gt (int $port) 0 }}{{ int $port }}{{ end -}}
{{- end }}
