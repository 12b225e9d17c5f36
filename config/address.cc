// Network addresses as an operator writes them: parse_endpoint, parse_base_url and back to text.
#include <algorithm>
#include <charconv>
#include <limits>

#include <arpa/inet.h>

#include "config/load.h"

namespace foreword::config {
namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Fills `address`. inet_pton reads up to a zero byte, and one inside a host is never right.
bool parse_ip(int family, const std::string& host, void* address) {
  return host.find('\0') == std::string::npos && inet_pton(family, host.c_str(), address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return parse_ip(AF_INET6, host, &address);
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return parse_ip(AF_INET, host, &address);
}

bool is_host_name(std::string_view host) {
  const auto allowed = [](char c) {
    return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_';
  };
  if (host.empty() || host.size() > kMaxHostBytes || !std::ranges::all_of(host, allowed)) {
    return false;
  }
  // Only digits and dots is meant as an address: "127.0.0" must not become a name to look up.
  return !std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

struct HostAndPort {
  std::string host;                   // lower case, without brackets
  std::optional<std::uint16_t> port;  // nothing: none was given
};

/// "host", "host:1", "[::1]" or "[::1]:1".
std::optional<HostAndPort> parse_host_and_port(std::string_view text) {
  HostAndPort result;
  const bool bracketed = text.starts_with('[');
  const auto host_end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && host_end == std::string_view::npos) return std::nullopt;
  result.host = bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
  std::ranges::transform(result.host, result.host.begin(), lower);
  const bool valid =
      bracketed ? is_ipv6(result.host) : is_ipv4(result.host) || is_host_name(result.host);
  if (!valid) return std::nullopt;

  auto rest = text.substr(std::min(text.size(), bracketed ? host_end + 1 : host_end));
  if (rest.empty()) return result;
  if (rest.front() != ':') return std::nullopt;
  result.port = parse_port(rest.substr(1));
  if (!result.port) return std::nullopt;
  return result;
}

/// What may stand in a request line as it is, without query and fragment.
bool is_path(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return is_digit(c) || is_letter(c) ||
           std::string_view("/-._~%!$&'()*+,;=:@").find(c) != std::string_view::npos;
  });
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  auto parts = parse_host_and_port(text);
  if (!parts || !parts->port) {
    return Error{"must be " + std::string(kEndpointForm)};
  }
  return Endpoint{std::move(parts->host), *parts->port};
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  // The text is not repeated: people paste URLs with a password in them.
  const Error error{"must be " + std::string(kBaseUrlForm)};
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  BaseUrl url;
  url.tls = text.starts_with(kHttps);
  if (!url.tls && !text.starts_with(kHttp)) return error;
  text.remove_prefix(url.tls ? kHttps.size() : kHttp.size());

  const auto path_at = std::min(text.size(), text.find('/'));
  auto parts = parse_host_and_port(text.substr(0, path_at));
  if (!parts || parts->port == std::uint16_t{0}) return error;
  auto path = text.substr(path_at);
  if (!is_path(path)) return error;
  while (path.ends_with('/')) path.remove_suffix(1);

  url.host = std::move(parts->host);
  url.port = parts->port.value_or(url.tls ? kHttpsPort : kHttpPort);
  url.path = path;
  return url;
}

std::string to_text(const Endpoint& endpoint) {
  return bracketed(endpoint.host) + ':' + std::to_string(endpoint.port);
}

std::string to_text(const BaseUrl& url) {
  std::string text = (url.tls ? "https://" : "http://") + bracketed(url.host);
  if (url.port != (url.tls ? kHttpsPort : kHttpPort)) text += ':' + std::to_string(url.port);
  return text + url.path;
}

bool is_loopback(const Endpoint& endpoint) {
  in_addr v4{};
  if (parse_ip(AF_INET, endpoint.host, &v4)) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  if (parse_ip(AF_INET6, endpoint.host, &v6)) return IN6_IS_ADDR_LOOPBACK(&v6);
  return endpoint.host == "localhost";
}

bool is_kb_name(std::string_view name) {
  const auto allowed = [](char c) {
    return is_digit(c) || is_letter(c) || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= limits::kMaxKbNameBytes && !name.starts_with('.') &&
         name != "none" && std::ranges::all_of(name, allowed);
}

}  // namespace foreword::config
