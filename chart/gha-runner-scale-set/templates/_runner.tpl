{{- /*
The runner's pod: what the user writes, and what the container mode and the server's certificate add to it. Whatever the
user has under the same name stays as it is.
*/}}

{{- /* Appends those of `items` to the list `key` of the map `to` whose `by` is not there yet. */}}
{{- define "gha-runner-scale-set.addMissing" -}}
{{- $list := index .to .key | default list -}}
{{- $names := list -}}
{{- range $list }}{{ $names = append $names (index . $.by) }}{{ end -}}
{{- range .items -}}
{{- if not (has (index . $.by) $names) }}{{ $list = append $list . }}{{ end -}}
{{- end -}}
{{- $_ := set .to .key $list -}}
{{- end }}

{{- /* The same, but ours come first, in their order, each replaced by the user's of that name. */}}
{{- define "gha-runner-scale-set.putFirst" -}}
{{- $list := list -}}
{{- $names := list -}}
{{- $given := index .to .key | default list -}}
{{- range $own := .items -}}
{{- $item := $own -}}
{{- $names = append $names $own.name -}}
{{- range $given }}{{ if eq .name $own.name }}{{ $item = . }}{{ end }}{{ end -}}
{{- $list = append $list $item -}}
{{- end -}}
{{- range $given -}}
{{- if not (has .name $names) }}{{ $list = append $list . }}{{ end -}}
{{- end -}}
{{- $_ := set .to .key $list -}}
{{- end }}

{{- /* What the server's certificate adds: `volumes`, `env` and `volumeMounts`; nothing without a mount path. */}}
{{- define "gha-runner-scale-set.certificate" -}}
{{- with .Values.githubServerTLS -}}
{{- if .runnerMountPath -}}
{{- $ref := .certificateFrom.configMapKeyRef -}}
{{- $file := printf "%s/%s" .runnerMountPath $ref.key | clean -}}
volumes:
  - name: github-server-tls-cert
    configMap:
      name: {{ include "gha-runner-scale-set.text" $ref.name | quote }}
      items:
        - key: {{ $ref.key | quote }}
          path: {{ $ref.key | quote }}
env:
  - name: NODE_EXTRA_CA_CERTS
    value: {{ $file | quote }}
  - name: RUNNER_UPDATE_CA_CERTS
    value: "1"
volumeMounts:
  - name: github-server-tls-cert
    mountPath: {{ $file | quote }}
    subPath: {{ $ref.key | quote }}
{{- end -}}
{{- end -}}
{{- end }}

{{- /*
What a container mode adds: `env` and `volumeMounts` of the runner, `volumes`, `initContainers`, other `containers`.
Takes `root` and the runner's `image`.
*/}}
{{- define "gha-runner-scale-set.modeParts" -}}
{{- $mode := include "gha-runner-scale-set.mode" .root -}}
{{- if eq $mode "dind" -}}
{{- include "gha-runner-scale-set.dindParts" . -}}
{{- else if eq $mode "kubernetes" -}}
env:
  - name: ACTIONS_RUNNER_CONTAINER_HOOKS
    value: /home/runner/k8s/index.js
  {{- include "gha-runner-scale-set.podsEnv" . | nindent 2 }}
volumeMounts:
  - name: work
    mountPath: /home/runner/_work
volumes:
  - name: work
    ephemeral:
      volumeClaimTemplate:
        spec:
          {{- .root.Values.containerMode.kubernetesModeWorkVolumeClaim | default dict | toYaml | nindent 10 }}
{{- else if eq $mode "kubernetes-novolume" -}}
env:
  - name: ACTIONS_RUNNER_CONTAINER_HOOKS
    value: /home/runner/k8s-novolume/index.js
  {{- include "gha-runner-scale-set.podsEnv" . | nindent 2 }}
  - name: ACTIONS_RUNNER_IMAGE
    value: {{ .image | quote }}
{{- end -}}
{{- end }}

{{- define "gha-runner-scale-set.podsEnv" -}}
- name: ACTIONS_RUNNER_POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER
  value: "true"
{{- end }}

{{- define "gha-runner-scale-set.dindParts" -}}
{{- $docker := include "gha-runner-scale-set.docker" .root | fromYaml -}}
{{- $sidecar := include "gha-runner-scale-set.dockerIsSidecar" .root -}}
env:
  - name: DOCKER_HOST
    value: unix:///var/run/docker.sock
  - name: RUNNER_WAIT_FOR_DOCKER_IN_SECONDS
    value: "120"
volumeMounts:
  - name: work
    mountPath: /home/runner/_work
  - name: dind-sock
    mountPath: /var/run
volumes:
  - name: dind-sock
    emptyDir: {}
  - name: dind-externals
    emptyDir: {}
  - name: work
    emptyDir: {}
initContainers:
  - {{- include "gha-runner-scale-set.dindInit" . | nindent 4 }}
{{- if $sidecar }}
  - {{- toYaml $docker | nindent 4 }}
{{- else }}
containers:
  - {{- toYaml $docker | nindent 4 }}
{{- end }}
{{- end }}

{{- /* Copies the runner's tools to where Docker's containers find them. */}}
{{- define "gha-runner-scale-set.dindInit" -}}
{{- $settings := .root.Values.containerMode.dind | default dict -}}
name: init-dind-externals
image: {{ .image | quote }}
command: ["cp"]
args: ["-r", "/home/runner/externals/.", "/home/runner/tmpDir/"]
{{- with $settings.initResources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.initSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: dind-externals
    mountPath: /home/runner/tmpDir
{{- end }}

{{- define "gha-runner-scale-set.docker" -}}
{{- $settings := .Values.containerMode.dind | default dict -}}
name: dind
image: {{ $settings.image | default "docker:dind" | quote }}
{{- with $settings.imagePullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
args:
  - dockerd
  - --host=unix:///var/run/docker.sock
  - --group=$(DOCKER_GROUP_GID)
  {{- with $settings.extraArgs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
env:
  - name: DOCKER_GROUP_GID
    value: {{ include "gha-runner-scale-set.text" $settings.groupId | default "123" | quote }}
  {{- with $settings.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
securityContext:
  {{- $settings.securityContext | default (dict "privileged" true) | toYaml | nindent 2 }}
{{- with $settings.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if include "gha-runner-scale-set.dockerIsSidecar" . }}
restartPolicy: Always
startupProbe:
  exec:
    command:
      - docker
      - info
  initialDelaySeconds: 0
  failureThreshold: 24
  periodSeconds: 5
{{- end }}
volumeMounts:
  - name: work
    mountPath: /home/runner/_work
  - name: dind-sock
    mountPath: /var/run
  - name: dind-externals
    mountPath: /home/runner/externals
  {{- with $settings.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* The whole pod template. */}}
{{- define "gha-runner-scale-set.podTemplate" -}}
{{- $template := .Values.template | default dict -}}
{{- $result := dict "spec" (include "gha-runner-scale-set.podSpec" . | fromYaml) -}}
{{- $metadata := dict -}}
{{- range $key := list "labels" "annotations" -}}
{{- with index ($template.metadata | default dict) $key -}}
{{- $_ := set $metadata $key (include "gha-runner-scale-set.pairs" . | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $metadata }}{{ $_ := set $result "metadata" $metadata }}{{ end -}}
{{- toYaml $result -}}
{{- end }}

{{- define "gha-runner-scale-set.podSpec" -}}
{{- $mode := include "gha-runner-scale-set.mode" . -}}
{{- $known := has $mode (list "dind" "kubernetes" "kubernetes-novolume") -}}
{{- $spec := dict -}}
{{- range $key, $value := (.Values.template).spec | default dict | deepCopy -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $spec $key $value }}{{ end -}}
{{- end -}}
{{- $_ := set $spec "serviceAccountName" (include "gha-runner-scale-set.runnerAccount" .) -}}
{{- if not $spec.restartPolicy }}{{ $_ := set $spec "restartPolicy" "Never" }}{{ end -}}

{{- $runner := dict -}}
{{- $others := list -}}
{{- range $spec.containers -}}
{{- if eq .name "runner" -}}
{{- $runner = . -}}
{{- else if not (and (eq $mode "dind") (eq .name "dind")) -}}
{{- $others = append $others . -}}
{{- end -}}
{{- end -}}
{{- if $known -}}
{{- $_ := set $runner "name" "runner" -}}
{{- if not $runner.image -}}
{{- $_ := set $runner "image" "ghcr.io/actions/actions-runner:latest" -}}
{{- if not $runner.command }}{{ $_ := set $runner "command" (list "/home/runner/run.sh") }}{{ end -}}
{{- end -}}
{{- end -}}

{{- $parts := include "gha-runner-scale-set.modeParts" (dict "root" . "image" $runner.image) | fromYaml -}}
{{- $certificate := include "gha-runner-scale-set.certificate" . | fromYaml -}}
{{- if $runner -}}
{{- range $from := list $parts $certificate -}}
{{- include "gha-runner-scale-set.addMissing" (dict "to" $runner "key" "env" "by" "name" "items" $from.env) -}}
{{- include "gha-runner-scale-set.addMissing" (dict "to" $runner "key" "volumeMounts" "by" "name" "items" $from.volumeMounts) -}}
{{- end -}}
{{- if not $runner.env }}{{ $_ := unset $runner "env" }}{{ end -}}
{{- end -}}
{{- $first := concat ($certificate.volumes | default list) ($parts.volumes | default list) -}}
{{- include "gha-runner-scale-set.putFirst" (dict "to" $spec "key" "volumes" "items" $first) -}}
{{- include "gha-runner-scale-set.putFirst" (dict "to" $spec "key" "initContainers" "items" $parts.initContainers) -}}
{{- if not $spec.initContainers }}{{ $_ := unset $spec "initContainers" }}{{ end -}}
{{- if ne $mode "kubernetes-novolume" -}}
{{- if not $runner.volumeMounts }}{{ $_ := unset $runner "volumeMounts" }}{{ end -}}
{{- if not $spec.volumes }}{{ $_ := unset $spec "volumes" }}{{ end -}}
{{- end -}}
{{- if $known -}}
{{- $_ := set $spec "containers" (concat (list $runner) ($parts.containers | default list) $others) -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end }}
