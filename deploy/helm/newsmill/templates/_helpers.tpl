{{- define "newsmill.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* The StatefulSet adds a number to it, and labels take 63 characters. */}}
{{- define "newsmill.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "newsmill.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "newsmill.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "newsmill.selectorLabels" -}}
app.kubernetes.io/name: {{ include "newsmill.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "newsmill.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "newsmill.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "newsmill.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "newsmill.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "newsmill.image" -}}
{{- .Values.image.repository -}}
{{- if or .Values.image.tag (not .Values.image.digest) }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* newsmill.toml: what the chart knows, and `config` over it. */}}
{{- define "newsmill.config" -}}
{{- $kafka := dict "brokers" (required "kafka.brokers has to be given: host:port, separated by commas" .Values.kafka.brokers) "group" .Values.kafka.group "partitions" .Values.kafka.partitions -}}
{{- with .Values.kafka.properties -}}
{{- $_ := set $kafka "properties" . -}}
{{- end -}}
{{- $files := dict -}}
{{- range $property, $_ := .Values.kafka.secretProperties -}}
{{- $_ := set $files $property (printf "/etc/newsmill/secrets/%s" $property) -}}
{{- end -}}
{{- with $files -}}
{{- $_ := set $kafka "properties_files" . -}}
{{- end -}}
{{- include "newsmill.toml" (dict "table" (mustMergeOverwrite (dict "kafka" $kafka) (deepCopy .Values.config)) "path" "") -}}
{{- end -}}

{{/* A map as TOML: plain keys first, then the tables. Scalars and lists are written the same in JSON and TOML. */}}
{{- define "newsmill.toml" -}}
{{- $path := .path -}}
{{- range $key, $value := .table }}
{{- if not (kindIs "map" $value) }}
{{ include "newsmill.tomlKey" $key }} = {{ toJson $value }}
{{- end }}
{{- end }}
{{- range $key, $value := .table }}
{{- if kindIs "map" $value }}
{{- $name := printf "%s%s" (empty $path | ternary "" (printf "%s." $path)) (include "newsmill.tomlKey" $key) }}
[{{ $name }}]
{{- include "newsmill.toml" (dict "table" $value "path" $name) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "newsmill.tomlKey" -}}
{{- regexMatch "^[A-Za-z0-9_-]+$" . | ternary . (toJson .) -}}
{{- end -}}

{{- define "newsmill.pagesTopic" -}}
{{- $topics := dig "kafka" "topics" dict .Values.config -}}
{{- .Values.keda.topic | default (get $topics "pages") | default "news.pages" -}}
{{- end -}}

{{/* What no value may say, as it would not work. */}}
{{- define "newsmill.check" -}}
{{- if gt (int .Values.replicas) (int .Values.kafka.partitions) -}}
{{- fail (printf "replicas is %d, but there are only %d partitions (kafka.partitions): the rest would do nothing" (int .Values.replicas) (int .Values.kafka.partitions)) -}}
{{- end -}}
{{- if .Values.keda.enabled -}}
{{- if gt (int .Values.keda.maxReplicas) (int .Values.kafka.partitions) -}}
{{- fail (printf "keda.maxReplicas is %d, but there are only %d partitions (kafka.partitions): the rest would do nothing" (int .Values.keda.maxReplicas) (int .Values.kafka.partitions)) -}}
{{- end -}}
{{- if gt (int .Values.keda.minReplicas) (int .Values.keda.maxReplicas) -}}
{{- fail "keda.minReplicas is above keda.maxReplicas" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.changeSettings (or .Values.keda.enabled (gt (int .Values.replicas) 1)) -}}
{{- fail "changeSettings is for one worker alone: set replicas to 1 and keda.enabled to false meanwhile" -}}
{{- end -}}
{{- range list "worker_id" "properties_files" -}}
{{- if hasKey (dig "kafka" dict $.Values.config) . -}}
{{- fail (printf "config.kafka.%s is the chart's to set: kafka.secretProperties names secrets, and a worker is named by its pod" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
