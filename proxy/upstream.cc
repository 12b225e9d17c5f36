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
      addresses_(std::make_shared<HostAddresses>(settings.base_url.host, settings.base_url.port)) {}

config::Result<std::unique_ptr<Upstream>> Upstream::make(const config::UpstreamSettings& settings) {
  std::unique_ptr<Upstream> upstream(new Upstream(settings));
  if (settings.base_url.tls) {
    auto tls = TlsClient::make(settings);
    if (!tls) return tls.error();
    upstream->tls_ = std::move(*tls);
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
