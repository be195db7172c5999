{{- /* What follows from the values alone: which objects there are. Each answers with text, or with nothing for "no". */}}

{{- define "gha-runner-scale-set.mode" -}}
{{- include "gha-runner-scale-set.text" (.Values.containerMode).type -}}
{{- end }}

{{- /* Jobs run in pods of their own, which the runner starts. */}}
{{- define "gha-runner-scale-set.startsPods" -}}
{{- if has (include "gha-runner-scale-set.mode" .) (list "kubernetes" "kubernetes-novolume") }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set.hasOwnAccount" -}}
{{- if ((.Values.template).spec).serviceAccountName }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set.makesNoPermissionAccount" -}}
{{- if not (or (include "gha-runner-scale-set.startsPods" .) (include "gha-runner-scale-set.hasOwnAccount" .)) }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set.makesKubeMode" -}}
{{- if and (include "gha-runner-scale-set.startsPods" .) (not (include "gha-runner-scale-set.hasOwnAccount" .)) }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set.makesSecret" -}}
{{- if kindIs "map" .Values.githubConfigSecret }}yes{{ end -}}
{{- end }}

{{- /* A native sidecar starts before the runner and stops after it; Kubernetes has them since 1.29. */}}
{{- define "gha-runner-scale-set.dockerIsSidecar" -}}
{{- $wanted := include "gha-runner-scale-set.text" ((.Values.containerMode).dind).sidecar | default "auto" -}}
{{- if not (has $wanted (list "auto" "always" "never")) -}}
{{- fail (printf "Values.containerMode.dind.sidecar must be auto, always or never: it is %q" $wanted) -}}
{{- end -}}
{{- $minor := regexFind "^[0-9]+" (toString .Capabilities.KubeVersion.Minor) | int -}}
{{- $has := or (gt (int .Capabilities.KubeVersion.Major) 1) (ge $minor 29) -}}
{{- if or (eq $wanted "always") (and (eq $wanted "auto") $has) }}yes{{ end -}}
{{- end }}
