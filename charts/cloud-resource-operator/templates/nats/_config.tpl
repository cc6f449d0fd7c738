{{/* The server's own part; users and permissions are in files/nats.conf. MQTT, WebSocket, leaf nodes and gateways stay off. */}}
{{- define "cro.natsConfig" -}}
{{- $cluster := gt (int .Values.nats.replicas) 1 -}}
|
server_name: $POD_NAME
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
{{- if $cluster }}
lame_duck_grace_period: 5s
lame_duck_duration: {{ .Values.nats.lameDuckSeconds }}s
{{- end }}

tls {
  cert_file: /tls/tls.crt
  key_file: /tls/tls.key
  ca_file: /tls/ca.crt
  min_version: "1.3"
  handshake_first: true
}

jetstream {
  store_dir: /data
  max_file_store: {{ .Values.nats.storage.size }}
  max_memory_store: 16Mi
  cipher: chacha
  key: $JETSTREAM_KEY
}
{{- if $cluster }}

cluster {
  name: cloud-resource-operator
  listen: 0.0.0.0:6222
  # Addresses of pods are in no certificate.
  no_advertise: true
  tls {
    cert_file: /tls/tls.crt
    key_file: /tls/tls.key
    ca_file: /tls/ca.crt
    min_version: "1.3"
    verify: true
  }
  routes: [
    {{- range until (int .Values.nats.replicas) }}
    nats-route://nats-{{ . }}.nats-headless:6222
    {{- end }}
  ]
}
{{- end }}

include nats.conf
{{- end }}
