{{- define "carrel.labels" -}}
app.kubernetes.io/name: carrel
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: carrel
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "carrel.natsUrl" -}}
{{- if .Values.nats.enabled -}}nats://carrel-nats.{{ .Release.Namespace }}.svc:4222{{- else -}}{{ required "nats.url is required when nats.enabled is false" .Values.nats.url }}{{- end -}}
{{- end }}

{{- define "carrel.natsSecret" -}}
{{- if .Values.nats.enabled -}}carrel-nats-services{{- else -}}{{ required "nats.existingSecret is required when nats.enabled is false" .Values.nats.existingSecret }}{{- end -}}
{{- end }}

{{/* Environment that every service has. */}}
{{- define "carrel.env" -}}
- { name: CARREL_LOG_LEVEL, value: {{ .root.Values.logLevel | quote }} }
- name: CARREL_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: CARREL_IDENTITY
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- end }}

{{- define "carrel.natsEnv" -}}
- { name: CARREL_NATS_SERVERS, value: {{ include "carrel.natsUrl" .root | quote }} }
- { name: CARREL_NATS_USER, value: {{ .component }} }
- { name: CARREL_NATS_PASSWORD_FILE, value: /etc/carrel/nats/{{ .component }} }
{{- end }}

{{- define "carrel.publicEnv" -}}
- { name: CARREL_DOMAIN, value: {{ .root.Values.domain | quote }} }
- { name: CARREL_PUBLIC_SCHEME, value: {{ .root.Values.publicScheme | quote }} }
- { name: CARREL_PUBLIC_PORT, value: {{ .root.Values.publicPort | quote }} }
{{- end }}

{{/* A Deployment, its ServiceAccount and PodDisruptionBudget. Parameters: root, component, env, ports, volumes, mounts. */}}
{{- define "carrel.service" -}}
{{- $root := .root -}}
{{- $values := index $root.Values .component -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .component }}
  labels: {{- include "carrel.labels" $root | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: carrel-{{ .component }}
  labels:
    {{- include "carrel.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  replicas: {{ $values.replicas }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ $root.Release.Name }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels:
        {{- include "carrel.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
      {{- with .annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ .component }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .graceSeconds | default 30 }}
      {{- with $root.Values.images.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/instance: {{ $root.Release.Name }}
              app.kubernetes.io/component: {{ .component }}
      containers:
        - name: {{ .component }}
          image: {{ index $root.Values.images .component | quote }}
          imagePullPolicy: {{ $root.Values.images.pullPolicy }}
          env:
            {{- include "carrel.env" . | nindent 12 }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
          ports:
            - { name: probes, containerPort: 8081 }
            {{- range $name, $port := .ports }}
            - { name: {{ $name }}, containerPort: {{ $port }} }
            {{- end }}
          startupProbe:
            httpGet: { path: /healthz, port: probes }
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: probes }
            periodSeconds: 10
            timeoutSeconds: 5
          readinessProbe:
            httpGet: { path: /readyz, port: probes }
            periodSeconds: 2
            failureThreshold: 2
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          {{- with .mounts }}
          volumeMounts: {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- with .volumes }}
      volumes: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- if gt (int $values.replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: carrel-{{ .component }}
  labels: {{- include "carrel.labels" $root | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ $root.Release.Name }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
{{- end }}

{{/* A ClusterRole with its binding. Parameters: root, component, rules (YAML text). */}}
{{- define "carrel.clusterRole" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: carrel-{{ .component }}
  labels: {{- include "carrel.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: carrel-{{ .component }}
  labels: {{- include "carrel.labels" .root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: carrel-{{ .component }} }
subjects:
  - { kind: ServiceAccount, name: {{ .component }}, namespace: {{ .root.Release.Namespace }} }
{{- end }}

{{/* A Role in a namespace with its binding. Parameters: root, component, namespace, rules (YAML text). */}}
{{- define "carrel.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: carrel-{{ .component }}
  namespace: {{ .namespace }}
  labels: {{- include "carrel.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: carrel-{{ .component }}
  namespace: {{ .namespace }}
  labels: {{- include "carrel.labels" .root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: carrel-{{ .component }} }
subjects:
  - { kind: ServiceAccount, name: {{ .component }}, namespace: {{ .root.Release.Namespace }} }
{{- end }}

{{/* A rule about kinds that templates bring along. Parameters: rule (apiGroups, resources), verbs. */}}
{{- define "carrel.objectRule" -}}
- { apiGroups: {{ toJson .rule.apiGroups }}, resources: {{ toJson .rule.resources }}, verbs: {{ toJson .verbs }} }
{{- end }}
