#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config/limits.h"
#include "proxy/log.h"
#include "proxy/server.h"
#include "proxy/virtual_clock.h"
#include "tools/commands.h"
#include "tools/distill_key.h"
#include "tools/start_up_pages.h"
#include "tools/wait_for_signal.h"

namespace foreword::tools {

namespace {

void reload(proxy::Server& server) {
  const auto reloaded = server.reload_certificate();
  if (reloaded) {
    proxy::log_info("serve", "SIGHUP: new connections get the TLS certificate as it is now");
  } else {
    proxy::log_error("serve", "SIGHUP: the old TLS certificate stays: " + reloaded.error().message);
  }
}

std::map<std::string, std::string, std::less<>> upstream_keys(const config::Settings& settings) {
  std::map<std::string, std::string, std::less<>> keys;
  for (const auto& upstream : settings.upstreams) {
    if (upstream.api_key_env.empty()) continue;
    const char* key = std::getenv(upstream.api_key_env.c_str());
    if (key != nullptr) keys[upstream.name] = key;
  }
  return keys;
}

/// Each request takes two descriptors; what a shell is given is often 1,024.
void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// The table of descriptors grows by powers of two, and in a process of several threads the one
/// that opens a file too many then waits for all processors, some 15 ms: every request on its shard
/// with it. A table that was large once stays so.
void make_room_for_open_files(std::size_t connections) {
  constexpr rlim_t kMost = config::limits::kOpenFilesFromTheStart;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto last = std::min({2 * static_cast<rlim_t>(connections), kMost, limit.rlim_cur}) - 1;
  const int highest = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, static_cast<int>(last));
  if (highest >= 0) ::close(highest);
}

}  // namespace

int serve(const SettingsSource& source, bool virtual_time) {
  block_stop_signals();
  block_reload_signal();
  raise_open_files();
  auto loaded = load_settings_or_explain(source);
  if (!loaded) return kFailed;
  make_room_for_open_files(loaded->settings.proxy.max_connections);
  proxy::start_log(loaded->settings.log);
  proxy::ServerOptions options;
  options.settings = loaded->settings;
  const auto& token_env = options.settings.admin.token_env;
  const char* token = token_env.empty() ? nullptr : std::getenv(token_env.c_str());
  if (token != nullptr) options.admin_token = token;
  options.upstream_keys = upstream_keys(options.settings);
  options.distill_key = distill_key(options.settings);
  const auto& headers_env = options.settings.otlp.headers_env;
  const char* headers = headers_env.empty() ? nullptr : std::getenv(headers_env.c_str());
  if (headers != nullptr) options.otlp_headers = headers;
  proxy::VirtualClock clock;
  if (virtual_time) options.virtual_clock = &clock;
  auto server = proxy::Server::start(std::move(options));
  if (!server) return fail(server.error().message);
  release_start_up_pages();
  fmt::print("foreword serve: proxy {} admin {}\n", (*server)->proxy_url(), (*server)->admin_url());
  std::fflush(stdout);
  while (wait_for_signal() == Signal::reload) reload(**server);
  proxy::log_info("serve", "stopping: finishing what runs");
  (*server)->stop();
  return kDone;
}

}  // namespace foreword::tools
