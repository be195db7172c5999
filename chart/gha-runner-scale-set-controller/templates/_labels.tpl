{{- /* Labels, as maps in YAML, so that whoever needs them can merge them and no key comes twice. */}}

{{- define "gha-runner-scale-set-controller.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gha-runner-scale-set-controller.name" . | quote }}
app.kubernetes.io/namespace: {{ include "gha-runner-scale-set-controller.namespace" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- /* Of the Deployment and the ServiceAccount; the user's come last. */}}
{{- define "gha-runner-scale-set-controller.labels" -}}
{{- $chart := printf "gha-rs-controller-%s" .Chart.Version | replace "+" "_" | trunc 63 -}}
{{- $own := include "gha-runner-scale-set-controller.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "helm.sh/chart" $chart -}}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "gha-rs-controller" -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $given := include "gha-runner-scale-set-controller.pairs" .Values.labels | fromYaml -}}
{{- mergeOverwrite $own $given | toYaml -}}
{{- end }}

{{- /* By these the chart of runner sets finds the ServiceAccount that it binds its Role to. */}}
{{- define "gha-runner-scale-set-controller.deploymentLabels" -}}
{{- $own := include "gha-runner-scale-set-controller.labels" . | fromYaml -}}
{{- $_ := set $own "actions.github.com/controller-service-account-namespace" (include "gha-runner-scale-set-controller.namespace" .) -}}
{{- $_ := set $own "actions.github.com/controller-service-account-name" (include "gha-runner-scale-set-controller.serviceAccountName" .) -}}
{{- with include "gha-runner-scale-set-controller.watched" . -}}
{{- $_ := set $own "actions.github.com/controller-watch-single-namespace" . -}}
{{- end -}}
{{- toYaml $own -}}
{{- end }}

{{- /* The user's may replace all but what the Deployment selects by. */}}
{{- define "gha-runner-scale-set-controller.podLabels" -}}
{{- $labels := include "gha-runner-scale-set-controller.pairs" .Values.podLabels | fromYaml -}}
{{- $_ := merge $labels (dict
  "app.kubernetes.io/part-of" "gha-rs-controller"
  "app.kubernetes.io/component" "controller-manager"
  "app.kubernetes.io/version" (.Chart.Version | replace "+" "_" | trunc 63)
) -}}
{{- mergeOverwrite $labels (include "gha-runner-scale-set-controller.selectorLabels" . | fromYaml) | toYaml -}}
{{- end }}
