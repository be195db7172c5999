{{- /* Roles and bindings, from lists of rules that come from the code. */}}

{{- /*
A Role and the RoleBinding that gives it to a subject; a ClusterRole and its binding without a namespace. Takes `root`,
`name`, `namespace` and `rules`, and `group` where a group is meant instead of the controller's ServiceAccount.
*/}}
{{- define "gha-runner-scale-set-controller.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "Role" "ClusterRole" (hasKey . "namespace") }}
metadata:
  name: {{ .name | quote }}
  {{- with .namespace }}
  namespace: {{ . | quote }}
  {{- end }}
rules:
  {{- include (printf "gha-runner-scale-set-controller.rules.%s" .rules) . | nindent 2 }}
{{- end }}

{{- define "gha-runner-scale-set-controller.binding" -}}
{{- $role := ternary "Role" "ClusterRole" (hasKey . "namespace") -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $role }}Binding
metadata:
  name: {{ .name | quote }}
  {{- with .namespace }}
  namespace: {{ . | quote }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $role }}
  name: {{ .name | quote }}
subjects:
  {{- if .group }}
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: {{ .group | quote }}
  {{- else }}
  - kind: ServiceAccount
    name: {{ include "gha-runner-scale-set-controller.serviceAccountName" .root | quote }}
    namespace: {{ include "gha-runner-scale-set-controller.namespace" .root | quote }}
  {{- end }}
{{- end }}

{{- /* Which Roles there are: name suffix, rules, namespace. Each file of templates renders one of them by its key. */}}
{{- define "gha-runner-scale-set-controller.access" -}}
{{- $name := include "gha-runner-scale-set-controller.fullname" . -}}
{{- $own := include "gha-runner-scale-set-controller.namespace" . -}}
{{- $watched := include "gha-runner-scale-set-controller.watched" . -}}
{{- $roles := dict
  "listener" (dict "name" (printf "%s-listener" $name) "namespace" $own "rules" "ownNamespace")
  "listenerWatch" (dict "name" (printf "%s-listener-watch" $name) "namespace" $own "rules" "listenerWatch"
    "group" (printf "system:serviceaccounts:%s" $own))
-}}
{{- if include "gha-runner-scale-set-controller.electsLeader" . -}}
{{- $_ := set $roles "leaderElection" (dict "name" (printf "%s-leader-election" $name) "namespace" $own "rules" "leaderElection") -}}
{{- end -}}
{{- if $watched -}}
{{- $_ := set $roles "singleNamespace" (dict "name" (printf "%s-single-namespace" $name) "namespace" $own "rules" "singleNamespaceOwn") -}}
{{- $_ := set $roles "singleNamespaceWatch" (dict "name" (printf "%s-single-namespace-watch" $name) "namespace" $watched "rules" "singleNamespaceWatched") -}}
{{- $_ := set $roles "events" (dict "name" (printf "%s-events" $name) "namespace" $own "rules" "event") -}}
{{- if ne $own $watched -}}
{{- $_ := set $roles "eventsWatch" (dict "name" (printf "%s-events" $name) "namespace" $watched "rules" "event") -}}
{{- end -}}
{{- else -}}
{{- $_ := set $roles "cluster" (dict "name" $name "rules" "cluster") -}}
{{- $_ := set $roles "events" (dict "name" (printf "%s-events" $name) "rules" "event") -}}
{{- end -}}
{{- toYaml $roles -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.roleOf" -}}
{{- with index (include "gha-runner-scale-set-controller.access" .root | fromYaml) .key -}}
{{- include "gha-runner-scale-set-controller.role" . -}}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set-controller.bindingOf" -}}
{{- $root := .root -}}
{{- with index (include "gha-runner-scale-set-controller.access" .root | fromYaml) .key -}}
{{- include "gha-runner-scale-set-controller.binding" (set . "root" $root) -}}
{{- end -}}
{{- end }}
