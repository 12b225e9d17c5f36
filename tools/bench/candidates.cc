#include "tools/bench/candidates.h"

#include <chrono>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/names.h"
#include "tools/bench/prompts.h"
#include "tools/bench/raw_relay.h"
#include "tools/bench/server_configs.h"
#include "tools/bench/sockets.h"

namespace foreword::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kStartPatience = 20s;
constexpr auto kStartTick = 5ms;
constexpr std::size_t kKbBytes = 800'000;
constexpr std::size_t kLargeKbBytes = 4 * 1'048'576;
constexpr std::size_t kPortkeySlowness = 20;
/// argv[0] of ourselves, whatever has become of the file since.
constexpr const char* kSelf = "/proc/self/exe";

std::string read_file(const fs::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// A folder for one start of one candidate.
fs::path new_folder(const Site& site, std::string_view name) {
  for (int i = 1;; ++i) {
    auto folder = site.folder / fmt::format("{}-{}", name, i);
    if (fs::create_directory(folder)) return folder;
  }
}

[[noreturn]] void did_not_start(std::string_view name, const fs::path& log) {
  throw std::runtime_error(fmt::format("{} did not start; it says:\n{}", name, read_file(log)));
}

/// Calls `ready` until it says yes, as long as the process runs.
template <class Ready>
void wait_until(ChildProcess& process, std::string_view name, const fs::path& log, Ready ready) {
  const auto end = std::chrono::steady_clock::now() + kStartPatience;
  while (!ready()) {
    if (!process.running() || std::chrono::steady_clock::now() > end) did_not_start(name, log);
    pause_for(kStartTick);
  }
}

RunningProxy start_relay(const Site& site) {
  const auto listener = listen_on_loopback();
  auto process = ChildProcess::fork_into([&] { run_raw_relay(listener, site.stub_port); });
  return RunningProxy(std::move(process), port_of(listener));
}

RunningProxy start_server(const Site& site, std::string_view name, const std::string& program,
                          const std::function<std::string(const ServerConfig&)>& text,
                          std::vector<std::string> arguments) {
  const auto folder = new_folder(site, name);
  ServerConfig config;
  config.folder = folder.string();
  config.port = free_port();
  config.upstream_port = site.stub_port;
  config.as_root = ::geteuid() == 0;
  write_file(folder / "config", text(config));
  Program run;
  run.argv.push_back(find_program(program));
  for (auto& argument : arguments) run.argv.push_back(std::move(argument));
  run.argv.push_back((folder / "config").string());
  run.log = folder / "log";
  auto process = ChildProcess::run(run);
  wait_until(process, name, run.log,
             [&] { return static_cast<bool>(try_connect_to(config.port)); });
  return RunningProxy(std::move(process), config.port);
}

/// The program itself is the package's name.
std::function<std::string()> missing_program(const std::string& program) {
  return [program]() -> std::string {
    if (!find_program(program).empty()) return {};
    return fmt::format("{0} is not installed; `tools/setup --bench` or `apt-get install {0}`",
                       program);
  };
}

Candidate nginx(std::string_view name, std::string_view title, bool storing) {
  const auto start = [name, storing](const Site& site) {
    const auto text = [storing](const ServerConfig& config) {
      return nginx_config(config, storing);
    };
    return start_server(site, name, "nginx", text, {"-e", "stderr", "-c"});
  };
  return {name, title, start, missing_program("nginx")};
}

Candidate haproxy(std::string_view name, std::string_view title, bool tuned) {
  const auto start = [name, tuned](const Site& site) {
    const auto text = [tuned](const ServerConfig& config) { return haproxy_config(config, tuned); };
    return start_server(site, name, "haproxy", text, {"-db", "-f"});
  };
  return {name, title, start, missing_program("haproxy")};
}

/// "foreword serve: proxy http://127.0.0.1:1234 admin http://127.0.0.1:5678": the URL after `word`.
std::string url_after(const std::string& log, std::string_view word) {
  const auto line = log.find("foreword serve: ");
  if (line == std::string::npos || log.find('\n', line) == std::string::npos) return {};
  const auto at = log.find(word, line);
  std::istringstream rest(log.substr(at + word.size()));
  std::string url;
  rest >> url;
  return url;
}

RunningProxy start_foreword(const Site& site, std::string_view name, std::string_view mode,
                            const std::string& program = kSelf) {
  const auto folder = new_folder(site, name);
  Program run;
  run.argv = {program, "serve"};
  for (const auto& setting :
       {std::string("proxy.listen=127.0.0.1:0"), std::string("admin.listen=127.0.0.1:0"),
        std::string("proxy.threads=1"), fmt::format("proxy.mode={}", mode),
        fmt::format("store.path={}", (folder / "store").string()),
        fmt::format("upstream.anthropic.base_url=http://127.0.0.1:{}", site.stub_port)}) {
    run.argv.emplace_back("--set");
    run.argv.push_back(setting);
  }
  run.environment = {"FOREWORD_CONFIG="};
  run.log = folder / "log";
  auto process = ChildProcess::run(run);
  wait_until(process, name, run.log,
             [&] { return !url_after(read_file(run.log), "proxy ").empty(); });
  const auto url = url_after(read_file(run.log), "proxy ");
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  RunningProxy proxy(std::move(process), port);
  proxy.admin_url = url_after(read_file(run.log), "admin ");
  return proxy;
}

RunningProxy start_foreword_with_kb(const Site& site, std::string_view name, std::size_t bytes) {
  auto proxy = start_foreword(site, name, "optimize");
  const auto folder = new_folder(site, fmt::format("knowledge-of-{}", name));
  write_file(folder / "handbook.md", document(bytes));
  Program load;
  load.argv = {kSelf,     "kb",           "load", "bench", (folder / "handbook.md").string(),
               "--admin", proxy.admin_url};
  load.log = folder / "log";
  if (ChildProcess::run(load).wait() != 0) did_not_start("foreword kb load", load.log);
  proxy.route.path = "/kb/bench";
  return proxy;
}

/// Where `tools/setup --bench` puts it, and the Node that it runs on: beside the folder of this
/// build.
fs::path portkey_modules() {
  const auto build = fs::read_symlink(kSelf).parent_path().parent_path();
  return build / "bench/portkey/node_modules";
}

std::string missing_portkey() {
  std::error_code ignored;
  if (fs::exists(portkey_modules() / "node", ignored)) return {};
  return "the gateway is not in build/bench/portkey; `tools/setup --bench` puts it there";
}

RunningProxy start_portkey(const Site& site) {
  const auto folder = new_folder(site, candidates::kPortkey);
  const auto port = free_port();
  Program run;
  const auto modules = portkey_modules();
  run.argv = {(modules / "node").string(),
              (modules / "@portkey-ai/gateway/build/start-server.js").string(), "--headless",
              fmt::format("--port={}", port)};
  run.environment = {"NODE_ENV=production"};
  run.log = folder / "log";
  auto process = ChildProcess::run(run);
  wait_until(process, candidates::kPortkey, run.log,
             [&] { return static_cast<bool>(try_connect_to(port)); });
  RunningProxy proxy(std::move(process), port);
  proxy.route.fields = fmt::format(
      "x-portkey-provider: anthropic\r\nx-portkey-custom-host: http://127.0.0.1:{}/v1\r\n",
      site.stub_port);
  return proxy;
}

std::vector<Candidate> make_candidates() {
  using namespace candidates;
  std::vector<Candidate> all;
  all.push_back({kRelay, "raw epoll relay", start_relay});
  all.push_back({kForewordOff, "Foreword, mode off",
                 [](const Site& site) { return start_foreword(site, kForewordOff, "off"); }});
  all.push_back({kForeword, "Foreword, everything on",
                 [](const Site& site) { return start_foreword(site, kForeword, "optimize"); }});
  all.push_back({kForewordOtherOff, "the other Foreword, mode off", [](const Site& site) {
                   return start_foreword(site, kForewordOtherOff, "off", site.other_foreword);
                 }});
  all.push_back({kForewordOther, "the other Foreword", [](const Site& site) {
                   return start_foreword(site, kForewordOther, "optimize", site.other_foreword);
                 }});
  all.push_back({kForewordKb, "Foreword, 800 KB KB before 1 KB", [](const Site& site) {
                   return start_foreword_with_kb(site, kForewordKb, kKbBytes);
                 }});
  all.push_back({kForewordLargeKb, "Foreword, 4 MB KB before 1 KB", [](const Site& site) {
                   return start_foreword_with_kb(site, kForewordLargeKb, kLargeKbBytes);
                 }});
  all.push_back(nginx(kNginxStreaming, "nginx, streaming, 256k", false));
  all.push_back(nginx(kNginxStoring, "nginx, store and forward, 8m", true));
  all.push_back(haproxy(kHaproxy, "haproxy", false));
  all.push_back(haproxy(kHaproxyTuned, "haproxy, bufsize 128k", true));
  all.push_back({kPortkey, "Portkey gateway", start_portkey, missing_portkey, kPortkeySlowness});
  return all;
}

}  // namespace

const std::vector<Candidate>& all_candidates() {
  static const auto all = make_candidates();
  return all;
}

const Candidate* find_candidate(std::string_view name) {
  for (const auto& candidate : all_candidates()) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

}  // namespace foreword::bench
