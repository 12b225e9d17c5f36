#include "proxy/upstream.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

std::string host_field_of(const config::BaseUrl& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos;
  const auto host = ipv6 ? "[" + url.host + "]" : url.host;
  const bool own_port = url.port == (url.tls ? 443 : 80);
  return own_port ? host : fmt::format("{}:{}", host, url.port);
}

}  // namespace

Upstream::Upstream(const config::UpstreamSettings& settings)
    : settings_(settings),
      host_field_(host_field_of(settings.base_url)),
      addresses_(std::make_shared<HostAddresses>(settings.base_url.host, settings.base_url.port)),
      tls_(asio::ssl::context::tls_client) {}

config::Result<std::unique_ptr<Upstream>> Upstream::make(const config::UpstreamSettings& settings) {
  std::unique_ptr<Upstream> upstream(new Upstream(settings));
  auto& tls = upstream->tls_;
  error_code error;
  tls.set_verify_mode(asio::ssl::verify_peer, error);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  // Writes go through in parts, from buffers that move between the attempts.
  SSL_CTX_set_mode(tls.native_handle(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (settings.ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(settings.ca_file.string(), error);
  }
  if (error) {
    return config::Error{
        fmt::format("upstream.{}: cannot read the certificates to trust from {}: {}", settings.name,
                    settings.ca_file.empty() ? "the system's store" : settings.ca_file.string(),
                    error.message())};
  }
  return upstream;
}

bool UpstreamPlace::take(Upstream& upstream) {
  const auto before = upstream.in_flight_.fetch_add(1, std::memory_order_relaxed);
  upstream_ = &upstream;
  return before < upstream.settings().max_in_flight;
}

UpstreamPlace::~UpstreamPlace() {
  if (upstream_ != nullptr) upstream_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace foreword::proxy
