// Heads of requests: what is let through has one reading, and what is sent on has no second head in
// it.
//
// An input is the bytes of a connection.
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "proxy/framing.h"
#include "proxy/message_parser.h"
#include "proxy/recognise.h"

namespace {

using namespace foreword;
using namespace foreword::proxy;

config::Settings settings() {
  config::Settings out;
  for (const auto provider :
       {config::Provider::anthropic, config::Provider::openai, config::Provider::gemini}) {
    config::UpstreamSettings upstream;
    upstream.name = config::name_of(provider);
    upstream.provider = provider;
    out.upstreams.push_back(upstream);
  }
  return out;
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

void check_sent_head(const RequestHead& head, const Call& call) {
  UpstreamHead upstream;
  upstream.method = head.method;
  upstream.target = call.target;
  upstream.host = "api.test";
  upstream.content_length = 7;
  const auto sent = make_upstream_head(upstream, head.fields);
  FUZZ_REQUIRE(count(sent, "\r\n\r\n") == 1);
  FUZZ_REQUIRE(sent.ends_with("\r\n\r\n"));
  RequestParser again;
  boost::beast::error_code error;
  again.set_input(sent);
  again.put(boost::asio::const_buffer(sent.data(), sent.size()), error);
  FUZZ_REQUIRE(!error && again.is_header_done());
  FUZZ_REQUIRE(!refuse_request(again.head(), again.folded()));
  FUZZ_REQUIRE(again.content_length() && *again.content_length() == 7);
  FUZZ_REQUIRE(!find_field(again.head().fields, "x-foreword-kb"));
}

/// Feeds a chunked body's bytes in one piece; returns what it decodes to.
void drain_body(RequestParser& parser, std::string_view rest) {
  parser.eager(true);
  while (!rest.empty() && !parser.is_done()) {
    boost::beast::error_code error;
    const auto used = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    rest.remove_prefix(used);
    if (error || used == 0) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto configured = settings();
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  RequestParser parser;
  boost::beast::error_code error;
  parser.set_input(input);
  const auto used = parser.put(boost::asio::const_buffer(input.data(), input.size()), error);
  if (error || !parser.is_header_done()) return 0;
  if (refuse_request(parser.head(), parser.folded())) return 0;
  Call call;
  if (recognise(parser.head(), configured, call)) return 0;
  FUZZ_REQUIRE(call.upstream != nullptr);
  FUZZ_REQUIRE(call.target.starts_with('/'));
  check_sent_head(parser.head(), call);
  drain_body(parser, std::string_view(input).substr(used));
  return 0;
}
