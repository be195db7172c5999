{{- /* Whose ServiceAccount gets the rights in the runners' namespace: the one that is named, or the one that is found. */}}

{{- /* `name` and `namespace`, each as given, else as found; the cluster is asked only when one of them is not given. */}}
{{- define "gha-runner-scale-set.controllerAccount" -}}
{{- $given := .Values.controllerServiceAccount | default dict -}}
{{- $name := include "gha-runner-scale-set.text" $given.name -}}
{{- $namespace := include "gha-runner-scale-set.text" $given.namespace -}}
{{- if not (and $name $namespace) -}}
{{- $labels := include "gha-runner-scale-set.controllerLabels" . | fromYaml -}}
{{- $name = $name | default (index $labels "actions.github.com/controller-service-account-name") -}}
{{- $namespace = $namespace | default (index $labels "actions.github.com/controller-service-account-namespace") -}}
{{- end -}}
{{- range $key, $value := dict "name" $name "namespace" $namespace -}}
{{- if not $value -}}
{{- include "gha-runner-scale-set.refuseSearch" (printf "the Deployment of the controller has no label actions.github.com/controller-service-account-%s" $key) -}}
{{- end -}}
{{- end -}}
{{- dict "name" $name "namespace" $namespace | toYaml -}}
{{- end }}

{{- define "gha-runner-scale-set.refuseSearch" -}}
{{- fail (printf "Cannot find the controller's ServiceAccount: %s. Set controllerServiceAccount.name and controllerServiceAccount.namespace; where charts are rendered without a cluster, as helm template and Argo CD do, both are always needed" .) -}}
{{- end }}

{{- /* The labels of the one Deployment that serves this namespace. */}}
{{- define "gha-runner-scale-set.controllerLabels" -}}
{{- $namespace := include "gha-runner-scale-set.namespace" . -}}
{{- $forAll := list -}}
{{- $forOne := list -}}
{{- range (lookup "apps/v1" "Deployment" "" "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- if eq (get $labels "app.kubernetes.io/part-of") "gha-rs-controller" -}}
{{- if hasKey $labels "actions.github.com/controller-watch-single-namespace" -}}
{{- $forOne = append $forOne $labels -}}
{{- else -}}
{{- $forAll = append $forAll $labels -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $found := dict -}}
{{- if and $forAll $forOne -}}
{{- include "gha-runner-scale-set.refuseSearch" "there are controllers for the whole cluster and controllers for a single namespace" -}}
{{- else if gt (len $forAll) 1 -}}
{{- include "gha-runner-scale-set.refuseSearch" (printf "there are %d controllers for the whole cluster" (len $forAll)) -}}
{{- else if $forAll -}}
{{- $found = first $forAll -}}
{{- else if $forOne -}}
{{- range $forOne -}}
{{- if eq (get . "actions.github.com/controller-watch-single-namespace") $namespace -}}
{{- $found = . -}}
{{- end -}}
{{- end -}}
{{- if not $found -}}
{{- include "gha-runner-scale-set.refuseSearch" (printf "no controller serves the namespace %q" $namespace) -}}
{{- end -}}
{{- else -}}
{{- include "gha-runner-scale-set.refuseSearch" "no Deployment has the label app.kubernetes.io/part-of=gha-rs-controller" -}}
{{- end -}}
{{- toYaml $found -}}
{{- end }}
