#include "tools/bench/server_configs.h"

#include <fmt/format.h>

namespace foreword::bench {

std::string nginx_config(const ServerConfig& config, bool storing) {
  constexpr auto* kText = R"(
daemon off;
master_process off;
worker_processes 1;
{user}pid {folder}/nginx.pid;
error_log stderr warn;
events {{
  worker_connections 24000;
}}
http {{
  access_log off;
  tcp_nodelay on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 64m;
  client_body_buffer_size {buffer};
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  upstream provider {{
    server 127.0.0.1:{upstream};
    keepalive 128;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering {storing};
      proxy_buffering off;
    }}
  }}
}}
)";
  return fmt::format(kText, fmt::arg("user", config.as_root ? "user root;\n" : ""),
                     fmt::arg("folder", config.folder), fmt::arg("port", config.port),
                     fmt::arg("upstream", config.upstream_port),
                     fmt::arg("buffer", storing ? "8m" : "256k"),
                     fmt::arg("storing", storing ? "on" : "off"));
}

std::string haproxy_config(const ServerConfig& config, bool tuned) {
  constexpr auto* kText = R"(
global
  nbthread 1
  maxconn 24000
  no strict-limits
{tuning}
defaults
  mode http
  option http-keep-alive
  option http-no-delay
  http-reuse always
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  default_backend provider
backend provider
  server provider 127.0.0.1:{upstream} pool-max-conn 128 pool-purge-delay 600s
)";
  return fmt::format(kText, fmt::arg("tuning", tuned ? "  tune.bufsize 131072\n" : ""),
                     fmt::arg("port", config.port), fmt::arg("upstream", config.upstream_port));
}

}  // namespace foreword::bench
