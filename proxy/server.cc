#include "proxy/server.h"

#include <algorithm>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cache/kb_check.h"
#include "cache/retention.h"
#include "cache/store.h"
#include "proxy/admin_prices.h"
#include "proxy/admin_server.h"
#include "proxy/capture_writer.h"
#include "proxy/keep_warm.h"
#include "proxy/log.h"
#include "proxy/prefix_saver.h"
#include "proxy/row_sweeper.h"
#include "proxy/shard.h"
#include "proxy/tls_server.h"
#include "proxy/traces.h"
#include "proxy/traffic_metrics.h"
#include "proxy/virtual_clock.h"

namespace foreword::proxy {
namespace {

config::Result<tcp::endpoint> resolve_listen(const config::Endpoint& endpoint,
                                             std::string_view setting) {
  asio::io_context context(1);
  asio::ip::basic_resolver<tcp, Executor> resolver(context.get_executor());
  error_code error;
  const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port),
                                      asio::ip::resolver_base::passive, error);
  if (!error && !found.empty()) return found.begin()->endpoint();
  return config::Error{fmt::format("{}: '{}' is no address of this machine: {}", setting,
                                   endpoint.host, error.message())};
}

/// Shards share their port, and so would another process that asks for it: only a socket that
/// shares with nobody notices.
error_code probe(const tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return {};
  asio::io_context context(1);
  Acceptor alone(context.get_executor());
  error_code error;
  alone.open(endpoint.protocol(), error);
  if (!error) alone.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) alone.bind(endpoint, error);
  return error;
}

std::string url_of(const tcp::endpoint& endpoint, std::string_view scheme = "http") {
  const auto address = endpoint.address();
  const auto host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return fmt::format("{}://{}:{}", scheme, host, endpoint.port());
}

/// A store of an older foreword has no sums yet. Without them savings take longer, and no row is
/// deleted: no reason not to serve.
void sum_up_old_rows(cache::Store& store) {
  constexpr std::uint64_t kRowsBetweenLines = 500'000;
  std::uint64_t told = 0;
  std::uint64_t summed_up = 0;
  const auto built = cache::build_rollups(store, [&](std::uint64_t rows) {
    summed_up = rows;
    if (rows < told + kRowsBetweenLines) return;
    told = rows;
    log_info("ledger", fmt::format("summing up rows of an older foreword, once: {} so far", rows));
  });
  if (!built) {
    log_error("ledger", built.error().message + "; savings are summed up row by row until then");
  } else if (summed_up > 0) {
    log_info("ledger", fmt::format("summed up {} rows of an older foreword", summed_up));
  }
}

/// A name that was misspelled, or a store that is not the one that was meant.
void warn_of_missing_kbs(const config::Settings& settings, const KnowledgeBases& knowledge) {
  for (const auto& kb : settings.kbs) {
    if (knowledge.find(kb.name)) continue;
    log_warning("settings",
                fmt::format("there is a section [kb.{0}] and no knowledge base '{0}': load it with "
                            "`foreword kb load {0} PATH...`, or take the section out",
                            kb.name));
  }
}

/// Somebody changed the key, or has another store than they think.
void warn_of_other_keys(const cache::Captures& captures) {
  const auto totals = captures.totals();
  if (!totals) return log_error("distill", totals.error().message);
  if (totals->other_key == 0) return;
  log_warning("distill", fmt::format("{} of {} captured prompts are sealed with another key than "
                                     "distill.key_env holds: start with that key to export them, "
                                     "or delete them with `foreword distill delete`",
                                     totals->other_key, totals->records));
}

}  // namespace

struct Server::Impl {
  ServerOptions options;
  Counters counters;
  std::unique_ptr<cache::Store> store;
  std::unique_ptr<config::LiveModels> models;
  std::unique_ptr<KnowledgeBases> knowledge;
  TrafficMetrics traffic;
  std::unique_ptr<Traces> traces;  // null where nobody collects spans
  std::unique_ptr<cache::LedgerWriter> ledger;
  std::unique_ptr<cache::Captures> captures;
  std::unique_ptr<CaptureWriter> capture_writer;  // null where nothing is captured
  std::optional<Background> sweeper;              // nothing where rows are kept for ever
  std::unique_ptr<TlsServer> tls;                 // null where clients connect without
  std::unique_ptr<Services> services;
  std::vector<std::unique_ptr<Upstream>> upstreams;
  Refusals refusals;
  Affinity affinity;
  std::unique_ptr<cache::PrefixMemory> prefixes;
  std::optional<Background> prefix_saver;
  CacheEvidence cache_evidence;
  Turns turns;
  std::unique_ptr<Resolver> resolver;
  std::unique_ptr<OwnRequests> own_requests;
  std::unique_ptr<KeepWarm> keep_warm;
  std::list<Background> pings;  // none where nobody asks for them
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<AdminServer> admin;
  std::vector<std::thread> threads;

  config::Result<void> read_certificate();
  config::Result<void> open_store();
  config::Result<void> open_captures();
  config::Result<void> make_traces();
  config::Result<void> make_upstreams();
  config::Result<void> listen();
  config::Result<void> start_admin();
};

config::Result<void> Server::Impl::read_certificate() {
  const auto& proxy = options.settings.proxy;
  if (proxy.tls_certificate.empty()) return {};
  auto made = TlsServer::make(proxy.tls_certificate, proxy.tls_key);
  if (!made) return made.error();
  tls = std::move(*made);
  return {};
}

config::Result<void> Server::Impl::open_store() {
  const auto& settings = options.settings;
  auto opened = cache::Store::open(settings.store.path);
  if (!opened) return opened.error();
  store = std::move(*opened);
  const auto swept = cache::sweep_unfinished(*store);
  if (!swept) return swept.error();
  if (*swept > 0)
    log_warning("store",
                fmt::format("removed {} documents and layers of an unfinished publish", *swept));
  auto prices = load_prices(*store, *options.models);
  if (!prices) return prices.error();
  models = std::move(*prices);
  auto bases = KnowledgeBases::open(*store, settings.store.kb_versions_kept, models->now());
  if (!bases) return bases.error();
  knowledge = std::move(*bases);
  warn_of_missing_kbs(settings, *knowledge);
  sum_up_old_rows(*store);
  ledger = std::make_unique<cache::LedgerWriter>(
      *store, settings.store.fsync_interval,
      [](std::string_view what) { log_error("ledger", what); },
      [this](const cache::LedgerRow& row) { traffic.add(row, models->now()); });
  if (settings.store.retention_days > 0) {
    const std::chrono::days keep(settings.store.retention_days);
    sweeper.emplace(
        [this, keep](Background& self) { sweep_rows(self, *store, keep, options.now); });
  }
  services.reset(new Services{options.settings, *models, *knowledge, *ledger, counters, options.now,
                              tls.get()});
  return {};
}

config::Result<void> Server::Impl::make_traces() {
  const auto& settings = options.settings.otlp;
  if (!settings.endpoint) return {};
  auto made = Traces::make(settings, options.otlp_headers);
  if (!made) return made.error();
  traces = std::move(*made);
  return {};
}

config::Result<void> Server::Impl::open_captures() {
  const auto& distill = options.settings.distill;
  const auto& key = options.distill_key;
  if (!distill.labels.empty() && !key) return config::Error{"distill.labels needs a key"};
  captures = std::make_unique<cache::Captures>(*store, key, distill.max_bytes);
  services->captures = captures.get();
  if (key) warn_of_other_keys(*captures);
  if (distill.labels.empty()) return {};
  capture_writer = std::make_unique<CaptureWriter>(*captures, distill);
  services->capture_writer = capture_writer.get();
  return {};
}

config::Result<void> Server::Impl::make_upstreams() {
  std::vector<std::shared_ptr<HostAddresses>> hosts;
  for (const auto& settings : options.settings.upstreams) {
    auto upstream = Upstream::make(settings);
    if (!upstream) return upstream.error();
    upstreams.push_back(std::move(*upstream));
    hosts.push_back(upstreams.back()->addresses());
  }
  resolver = std::make_unique<Resolver>(hosts);
  own_requests = std::make_unique<OwnRequests>(options.settings, upstreams, options.upstream_keys);
  services->own_requests = own_requests.get();
  services->refusals = &refusals;
  services->affinity = &affinity;
  prefixes = load_prefixes(*store, options.now());
  services->prefixes = prefixes.get();
  prefix_saver.emplace([this](Background& self) { save_prefixes(self, *store, *prefixes); });
  services->cache_evidence = &cache_evidence;
  services->turns = &turns;
  keep_warm = std::make_unique<KeepWarm>(*services, spent_on_pings(*store, options.now()));
  services->keep_warm = keep_warm.get();
  for (std::size_t i = 0; i < config::limits::kPingsAtOnce && keep_warm->has_work(); ++i) {
    pings.emplace_back([this](Background& self) { proxy::keep_warm(self, *keep_warm); });
  }
  services->traffic = &traffic;
  services->traces = traces.get();
  services->virtual_clock = options.virtual_clock;
  return {};
}

config::Result<void> Server::Impl::listen() {
  const auto& settings = options.settings.proxy;
  auto endpoint = resolve_listen(settings.listen, "proxy.listen");
  if (!endpoint) return endpoint.error();
  if (const auto taken = probe(*endpoint)) {
    return config::Error{
        fmt::format("proxy.listen: cannot listen on {}: {}", url_of(*endpoint), taken.message())};
  }
  const auto cores = std::max(1u, std::thread::hardware_concurrency());
  const auto count = settings.threads != 0 ? settings.threads : cores;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto shard = std::make_unique<Shard>(*services, upstreams);
    if (const auto error = shard->listen(*endpoint)) {
      return config::Error{
          fmt::format("proxy.listen: cannot listen on {}: {}", url_of(*endpoint), error.message())};
    }
    // Port 0 asked the system for one: the other shards share the port that it gave.
    endpoint = shard->local_endpoint();
    shards.push_back(std::move(shard));
  }
  return {};
}

config::Result<void> Server::Impl::start_admin() {
  auto endpoint = resolve_listen(options.settings.admin.listen, "admin.listen");
  if (!endpoint) return endpoint.error();
  AdminOptions admin_options;
  admin_options.endpoint = *endpoint;
  admin_options.token = options.admin_token;
  auto started = AdminServer::start(*services, *store, std::move(admin_options));
  if (!started) return started.error();
  admin = std::move(*started);
  return {};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

config::Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  if (impl->options.models == nullptr) impl->options.models = &config::ModelTable::built_in();
  if (auto* const clock = impl->options.virtual_clock) {
    impl->options.now = [clock] { return clock->now(); };
  }
  if (!impl->options.now) impl->options.now = [] { return std::chrono::system_clock::now(); };
  for (const auto step :
       {&Impl::read_certificate, &Impl::open_store, &Impl::open_captures, &Impl::make_traces,
        &Impl::make_upstreams, &Impl::listen, &Impl::start_admin}) {
    auto done = (impl.get()->*step)();
    if (!done) return done.error();
  }
  for (auto& shard : impl->shards) {
    impl->threads.emplace_back([&shard] { shard->run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::string Server::proxy_url() const {
  return url_of(impl_->shards.front()->local_endpoint(), impl_->tls ? "https" : "http");
}

std::string Server::admin_url() const {
  return url_of(impl_->admin->local_endpoint());
}

config::Result<void> Server::reload_certificate() {
  if (!impl_->tls) return {};
  return impl_->tls->reload();
}

void Server::stop() {
  for (auto& shard : impl_->shards) shard->stop();
  for (auto& thread : impl_->threads) {
    if (thread.joinable()) thread.join();
  }
  if (impl_->own_requests) impl_->own_requests->stop();
  impl_->pings.clear();
  if (impl_->admin) impl_->admin->stop();
  impl_->shards.clear();
  impl_->sweeper.reset();
  impl_->prefix_saver.reset();
  impl_->capture_writer.reset();
  impl_->ledger.reset();
  impl_->traces.reset();  // a collector may make it wait: nothing else is to
}

}  // namespace foreword::proxy
