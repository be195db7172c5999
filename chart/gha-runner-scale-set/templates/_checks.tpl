{{- /* What cannot work, refused before anything is installed. Every file of objects includes this first. */}}
{{- define "gha-runner-scale-set.check" -}}
{{- include "gha-runner-scale-set.checkNames" . -}}
{{- if not (include "gha-runner-scale-set.text" .Values.githubConfigUrl) -}}
{{- fail ".Values.githubConfigUrl is required: the URL of an organization, a repository or an enterprise, for example https://github.com/my-org" -}}
{{- end -}}
{{- include "gha-runner-scale-set.checkSecret" . -}}
{{- include "gha-runner-scale-set.checkScaleSetLabels" . -}}
{{- include "gha-runner-scale-set.checkLimits" . -}}
{{- include "gha-runner-scale-set.checkCertificate" . -}}
{{- include "gha-runner-scale-set.checkVault" . -}}
{{- end }}

{{- /* Names become labels, which have 63 characters. */}}
{{- define "gha-runner-scale-set.checkNames" -}}
{{- $name := include "gha-runner-scale-set.scaleSetName" . -}}
{{- if gt (len $name) 63 -}}
{{- fail (printf "Name must have up to 63 characters: runnerScaleSetName, or else the name of the release, is %q, which has %d" $name (len $name)) -}}
{{- end -}}
{{- $namespace := include "gha-runner-scale-set.namespace" . -}}
{{- if gt (len $namespace) 63 -}}
{{- fail (printf "Namespace must have up to 63 characters: namespaceOverride, or else the namespace of the release, is %q, which has %d" $namespace (len $namespace)) -}}
{{- end -}}
{{- end }}

{{- /* The values are never told: they are secrets. */}}
{{- define "gha-runner-scale-set.checkSecret" -}}
{{- $secret := .Values.githubConfigSecret -}}
{{- if and (not (kindIs "map" $secret)) (not (include "gha-runner-scale-set.text" $secret)) -}}
{{- fail "Values.githubConfigSecret is required for setting auth with GitHub server.: the name of a Secret that exists, or a map with the credentials" -}}
{{- end -}}
{{- if kindIs "map" $secret -}}
{{- if not (or $secret.github_token $secret.github_app_id) -}}
{{- fail "githubConfigSecret has no credentials: provide .Values.githubConfigSecret.github_token or .Values.githubConfigSecret.github_app_id, or the name of a Secret that exists" -}}
{{- end -}}
{{- if and $secret.github_app_id (not (and $secret.github_app_installation_id $secret.github_app_private_key)) -}}
{{- fail "githubConfigSecret.github_app_id is set: provide .Values.githubConfigSecret.github_app_installation_id and .Values.githubConfigSecret.github_app_private_key as well" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set.checkScaleSetLabels" -}}
{{- if kindIs "slice" .Values.scaleSetLabels -}}
{{- range $at, $label := .Values.scaleSetLabels -}}
{{- $text := include "gha-runner-scale-set.text" $label -}}
{{- if eq $text "" -}}
{{- fail (printf "scaleSetLabels contains an empty string, at position %d: each label needs 1 to 255 characters" (add1 $at)) -}}
{{- end -}}
{{- if ge (len $text) 256 -}}
{{- fail (printf "scaleSetLabels contains a label that is 256 characters or more, at position %d: %q has %d; each label needs 1 to 255" (add1 $at) (trunc 40 $text) (len $text)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set.isNumber" -}}
{{- if has (kindOf .) (list "int" "int64" "float64") }}yes{{ end -}}
{{- end }}

{{- define "gha-runner-scale-set.checkLimits" -}}
{{- $hasMin := include "gha-runner-scale-set.isNumber" .Values.minRunners -}}
{{- $hasMax := include "gha-runner-scale-set.isNumber" .Values.maxRunners -}}
{{- if and $hasMin $hasMax -}}
{{- if lt (int64 .Values.maxRunners) (int64 .Values.minRunners) -}}
{{- fail (printf "maxRunners has to be greater or equal to minRunners: maxRunners is %d, minRunners is %d" (int64 .Values.maxRunners) (int64 .Values.minRunners)) -}}
{{- end -}}
{{- end -}}
{{- range $key := list "maxRunners" "minRunners" -}}
{{- $limit := index $.Values $key -}}
{{- if include "gha-runner-scale-set.isNumber" $limit -}}
{{- if lt (int64 $limit) 0 -}}
{{- fail (printf "%s has to be greater or equal to 0: it is %d" $key (int64 $limit)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /*
A set without the key is refused by the API server, after other objects were made. Where no cluster is known nothing is
made, and ARC's chart renders it.
*/}}
{{- define "gha-runner-scale-set.checkCertificate" -}}
{{- $isKnown := .Capabilities.APIVersions.Has "actions.github.com/v1alpha1/AutoscalingRunnerSet" -}}
{{- with .Values.githubServerTLS -}}
{{- if and (or .runnerMountPath (and .certificateFrom $isKnown)) (not ((.certificateFrom).configMapKeyRef).key) -}}
{{- fail "Values.githubServerTLS.certificateFrom.configMapKeyRef.key is required when githubServerTLS is set: the key of the ConfigMap that holds the certificate, for example ca.crt" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* The definition of the kind requires all four, so the API server would refuse the set, with other objects in place. */}}
{{- define "gha-runner-scale-set.checkVault" -}}
{{- if (.Values.keyVault).type -}}
{{- if ne .Values.keyVault.type "azure_key_vault" -}}
{{- fail (printf "Unsupported keyVault type: Values.keyVault.type is %q; only \"azure_key_vault\" is known" (toString .Values.keyVault.type)) -}}
{{- end -}}
{{- range $key, $value := include "gha-runner-scale-set.azureKeyVault" . | fromYaml -}}
{{- if not $value -}}
{{- fail (printf "Values.keyVault.azureKeyVault.%s is required when keyVault.type is azure_key_vault" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* In camel case as ARC's chart reads it, or in snake case as ARC's values file shows it. */}}
{{- define "gha-runner-scale-set.azureKeyVault" -}}
{{- $camel := .Values.keyVault.azureKeyVault | default dict -}}
{{- $snake := .Values.keyVault.azure_key_vault | default dict -}}
{{- dict
  "url" ($camel.url | default $snake.url | default "")
  "tenantId" ($camel.tenantId | default $snake.tenant_id | default "")
  "clientId" ($camel.clientId | default $snake.client_id | default "")
  "certificatePath" ($camel.certificatePath | default $snake.certificate_path | default "")
| toYaml -}}
{{- end }}
