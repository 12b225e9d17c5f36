// What the operator may say: one struct per concern, defaults inline. load.h reads them from TOML,
// fields.h has their keys, bounds and explanations. Plain values: copy them where they are needed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/finetune.h"
#include "config/limits.h"
#include "config/money.h"
#include "config/provider.h"

namespace foreword::config {

/// host:port, an IPv6 host without brackets. Port 0 asks the system for a free one (which the
/// start-up line then prints).
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// A base URL taken apart: `path` has no trailing slash and is empty for a bare origin.
struct BaseUrl {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
  std::string path;
  bool operator==(const BaseUrl&) const = default;
};

struct ProxySettings {
  Endpoint listen{"127.0.0.1", 8787};
  /// PEM files; both or neither. With them clients connect by https.
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
  /// 0: one per core.
  std::uint32_t threads = 0;
  Mode mode = Mode::optimize;
  /// Attached to every prompt that names no other, "handbook" or "handbook+policies"; empty: none.
  std::string kb;
  std::size_t max_head_bytes = limits::kMaxHeadBytes;
  std::size_t max_body_bytes = limits::kMaxBodyBytes;
  std::size_t max_buffered_bytes = limits::kMaxBufferedBytes;
  std::size_t max_connections = limits::kMaxConnections;
  std::chrono::milliseconds connect_timeout = limits::kConnectTimeout;
  std::chrono::milliseconds first_byte_timeout = limits::kFirstByteTimeout;
  std::chrono::milliseconds gate_max_wait = limits::kGateMaxWait;
  std::chrono::milliseconds idle_timeout = limits::kIdleTimeout;
  std::chrono::milliseconds request_timeout = limits::kRequestTimeout;
  std::chrono::milliseconds total_timeout = limits::kTotalTimeout;
  std::chrono::milliseconds keep_alive_timeout = limits::kKeepAliveTimeout;
  std::chrono::milliseconds drain_timeout = limits::kDrainTimeout;
};

struct AdminSettings {
  Endpoint listen{"127.0.0.1", 8788};
  /// Name of the environment variable that holds the bearer token; required off loopback.
  std::string token_env;
};

struct StoreSettings {
  std::filesystem::path path;  // default: $XDG_DATA_HOME/foreword or ~/.local/share/foreword
  std::chrono::milliseconds fsync_interval = limits::kLedgerFsyncInterval;
  /// Of each knowledge base, the current one among them.
  std::size_t kb_versions_kept = limits::kKbVersionsKept;
  /// Rows of the ledger that are older are deleted, the sums over them are not; 0: none is.
  std::uint32_t retention_days = 0;
};

struct UpstreamSettings {
  std::string name;
  Provider provider{};
  BaseUrl base_url;
  /// PEM file of the CAs to trust instead of the system's; empty: the system's.
  std::filesystem::path ca_file;
  /// Name of the environment variable that holds the key for Foreword's own requests; empty: it
  /// makes none. Clients' keys go through as ever.
  std::string api_key_env;
  /// Requests under way at one time; more are refused at once.
  std::size_t max_in_flight = limits::kMaxInFlight;
};

/// How updates of a knowledge base are published (assembler/layout.h).
enum class KbLayout : std::uint8_t { overlay, exact };
[[nodiscard]] std::string_view name_of(KbLayout layout);
[[nodiscard]] std::optional<KbLayout> parse_kb_layout(std::string_view name);

/// What each attach_to begins with.
inline constexpr std::string_view kLabelRule = "label:";

/// A knowledge base without a section of its own has these defaults. A section for one that is not
/// loaded waits for it.
struct KbSettings {
  std::string name;
  KbLayout layout = KbLayout::overlay;
  /// Overlay: no more of its text than this may be superseded.
  std::uint32_t max_stale_percent = limits::kMaxStalePercent;
  /// In the model table, as requests name them. Loading more than one of them takes is refused.
  std::vector<std::string> models;
  /// Each "label:TEXT".
  std::vector<std::string> attach_to;
  /// Most that keeping it warm between requests may cost in a day (UTC); 0: it is not kept.
  Picodollars keep_warm_per_day = 0;
};

/// Prompts and answers that are kept for training a model of one's own; none are without labels.
struct DistillSettings {
  /// Requests with one of these labels are captured.
  std::vector<std::string> labels;
  /// Name of the environment variable that holds the key (seal_key.h). Without it nothing is
  /// captured, and what was captured before cannot be read.
  std::string key_env;
  /// Of captured records as they are stored; beyond, the oldest go.
  std::size_t max_bytes = limits::kMaxCapturedBytes;

  [[nodiscard]] bool wants(std::string_view label) const;
};

/// Another name for a model, [alias] NAME = "model".
struct ModelAlias {
  std::string name;
  std::string model;  // no alias itself
};

/// May this be an alias, or the model that one stands for? Up to 128 letters, digits and . _ - / :
/// @
[[nodiscard]] bool is_model_name(std::string_view name);

/// Where spans of requests go, by OTLP over HTTP.
struct OtlpSettings {
  std::optional<BaseUrl> endpoint;  // nothing: nowhere; without a path: /v1/traces
  /// PEM file of the CAs to trust instead of the system's; empty: the system's.
  std::filesystem::path ca_file;
  /// Name of the environment variable that holds further headers, "name=value,name=value".
  std::string headers_env;
  /// Of a million requests whose clients do not say whether they are traced.
  std::uint32_t sample_millionths = 1'000'000;
  std::string service_name = "foreword";
  std::chrono::milliseconds timeout = limits::kOtlpTimeout;
};

struct LogSettings {
  std::string level = "info";      // trace, debug, info, warn, error, off
  std::string format = "console";  // console, json
};

struct Settings {
  ProxySettings proxy;
  AdminSettings admin;
  StoreSettings store;
  /// In the order anthropic, openai, gemini, then the operator's own by name.
  std::vector<UpstreamSettings> upstreams;
  /// By name.
  std::vector<KbSettings> kbs;
  /// By name.
  std::vector<ModelAlias> aliases;
  FinetuneSettings finetune;
  DistillSettings distill;
  OtlpSettings otlp;
  LogSettings log;

  /// The first upstream of that provider whose name is the provider's, else its first one.
  [[nodiscard]] const UpstreamSettings* upstream_for(Provider provider) const;
  [[nodiscard]] const UpstreamSettings* upstream_named(std::string_view name) const;
  /// The model that this name stands for; nullptr: it is no alias.
  [[nodiscard]] const std::string* model_of_alias(std::string_view name) const;
  /// What its section says, or the defaults.
  [[nodiscard]] KbSettings kb_named(std::string_view name) const;
  /// The settings that attach it to requests which do not name it: "proxy.kb",
  /// "kb.handbook.attach_to".
  [[nodiscard]] std::vector<std::string> keys_that_attach(std::string_view kb) const;
  /// Names of the knowledge bases that a request of that label gets when it names none, in order.
  [[nodiscard]] std::vector<std::string> kbs_attached_to(std::string_view label) const;
};

}  // namespace foreword::config
