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

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Upstream::Upstream(const config::UpstreamSettings& settings)
    : settings_(settings),
      host_field_(host_field_of(settings.base_url)),
      tls_(asio::ssl::context::tls_client) {
  auto pending = std::make_shared<Resolution>();
  pending->error = "its name could not be looked up in time";
  pending->pending = true;
  addresses_.store(std::move(pending));
}

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

void Upstream::resolve() {
  asio::io_context context(1);
  asio::ip::basic_resolver<tcp, Executor> resolver(context.get_executor());
  error_code error;
  const auto found =
      resolver.resolve(settings_.base_url.host, std::to_string(settings_.base_url.port), error);
  auto resolution = std::make_shared<Resolution>();
  for (const auto& entry : found) resolution->endpoints.push_back(entry.endpoint());
  if (resolution->endpoints.empty()) {
    if (!addresses()->endpoints.empty()) return;
    resolution->error = error ? error.message() : "it has no address";
  }
  addresses_.store(std::move(resolution));
}

Resolver::Resolver(std::vector<Upstream*> upstreams) : upstreams_(std::move(upstreams)) {
  for (auto* upstream : upstreams_) {
    if (is_address(upstream->settings().base_url.host)) upstream->resolve();
  }
  std::erase_if(upstreams_,
                [](const Upstream* u) { return is_address(u->settings().base_url.host); });
  if (!upstreams_.empty()) thread_ = std::thread([this] { run(); });
}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    bool all_known = true;
    for (auto* upstream : upstreams_) {
      lock.unlock();
      upstream->resolve();
      lock.lock();
      if (stopped_) return;
      all_known = all_known && !upstream->addresses()->endpoints.empty();
    }
    const auto pause =
        all_known ? config::limits::kResolveInterval : config::limits::kResolveRetryInterval;
    wake_.wait_for(lock, pause, [this] { return stopped_; });
  }
}

}  // namespace foreword::proxy
