#include "proxy/resolver.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

HostAddresses::HostAddresses(std::string host, std::uint16_t port)
    : host_(std::move(host)), port_(port), literal_(is_address(host_)) {
  auto pending = std::make_shared<Resolution>();
  pending->error = "its name could not be looked up in time";
  pending->pending = true;
  current_.store(std::move(pending));
}

void HostAddresses::look_up() {
  asio::io_context context(1);
  asio::ip::basic_resolver<tcp, Executor> resolver(context.get_executor());
  error_code error;
  const auto found = resolver.resolve(host_, std::to_string(port_), error);
  auto resolution = std::make_shared<Resolution>();
  for (const auto& entry : found) resolution->endpoints.push_back(entry.endpoint());
  if (resolution->endpoints.empty()) {
    if (!current()->endpoints.empty()) return;
    resolution->error = error ? error.message() : "it has no address";
  }
  current_.store(std::move(resolution));
}

/// Shared with the thread, which may outlive the Resolver by one look-up.
struct Resolver::State {
  std::vector<std::shared_ptr<HostAddresses>> hosts;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
  bool finished = false;
};

Resolver::Resolver(const std::vector<std::shared_ptr<HostAddresses>>& hosts)
    : state_(std::make_shared<State>()) {
  for (const auto& host : hosts) {
    if (host->literal()) {
      host->look_up();
    } else {
      state_->hosts.push_back(host);
    }
  }
  if (state_->hosts.empty()) return;
  thread_ = std::thread([state = state_] {
    run(*state);
    const std::lock_guard lock(state->mutex);
    state->finished = true;
    state->changed.notify_all();
  });
}

Resolver::~Resolver() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(state_->mutex);
  state_->stopped = true;
  state_->changed.notify_all();
  const bool finished = state_->changed.wait_for(lock, config::limits::kResolverGrace,
                                                 [this] { return state_->finished; });
  lock.unlock();
  if (finished) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void Resolver::run(State& state) {
  std::unique_lock lock(state.mutex);
  while (!state.stopped) {
    bool all_known = true;
    for (const auto& host : state.hosts) {
      lock.unlock();
      host->look_up();
      lock.lock();
      if (state.stopped) return;
      all_known = all_known && !host->current()->endpoints.empty();
    }
    const auto pause =
        all_known ? config::limits::kResolveInterval : config::limits::kResolveRetryInterval;
    state.changed.wait_for(lock, pause, [&state] { return state.stopped; });
  }
}

}  // namespace foreword::proxy
