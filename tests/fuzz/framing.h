// What fuzz_framing.cc asks of the two directions of a connection through the proxy. Both are the
// product's own steps without its sockets, judged by oracle/http_message.h.
#pragma once

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/limits.h"
#include "fuzz/require.h"
#include "oracle/http_message.h"
#include "proxy/message_buffer.h"
#include "proxy/net.h"

namespace foreword::fuzz {

/// How the bytes of a connection come: seed 0 is all at once, 1 byte by byte, others mixed.
class Pieces {
 public:
  Pieces(std::string_view bytes, unsigned seed) : rest_(bytes), seed_(seed) {}

  /// Hands on the next piece; false: there is none.
  template <bool is_request>
  bool feed(proxy::MessageBuffer<is_request>& buffer) {
    if (rest_.empty()) return false;
    const auto room = buffer.room();
    FUZZ_REQUIRE(room.size() > 0);
    const auto piece = rest_.substr(0, std::min(next_length(), room.size()));
    std::memcpy(room.data(), piece.data(), piece.size());
    buffer.received(piece.size());
    rest_.remove_prefix(piece.size());
    return true;
  }

 private:
  std::size_t next_length() {
    if (seed_ == 0) return rest_.size();
    if (seed_ == 1) return 1;
    seed_ = seed_ * 1'103'515'245 + 12'345;
    const std::size_t longest = (seed_ & 0x100) != 0 ? 3 : 40;
    return (seed_ >> 16) % longest + 1;
  }

  std::string_view rest_;
  unsigned seed_;
};

inline void append(std::string& out, const proxy::Gather& pieces) {
  for (const auto& piece : pieces) {
    out.append(static_cast<const char*>(piece.data()), piece.size());
  }
}

inline std::vector<oracle::HttpField> copy_of(const proxy::Fields& fields) {
  std::vector<oracle::HttpField> copies;
  for (const auto& field : fields) {
    copies.push_back({std::string(field.name), std::string(field.value)});
  }
  return copies;
}

/// The fields that have to come out as they went in: none of the hop's, none that Connection names,
/// none of Foreword's own, and none that the proxy writes itself (`written`).
inline std::vector<oracle::HttpField> passing(const std::vector<oracle::HttpField>& fields,
                                              const std::vector<std::string>& connection,
                                              const std::set<std::string>& written) {
  static const std::set<std::string> kHop = {
      "connection",        "keep-alive", "te",     "proxy-connection",   "trailer",
      "transfer-encoding", "upgrade",    "expect", "proxy-authorization"};
  std::vector<oracle::HttpField> kept;
  for (const auto& field : fields) {
    const auto name = oracle::lower_case(field.name);
    const bool named = std::ranges::find(connection, name) != connection.end() && name != "host" &&
                       name != "content-length";
    if (named || kHop.contains(name) || written.contains(name)) continue;
    if (!name.starts_with("x-foreword-")) kept.push_back(field);
  }
  return kept;
}

/// Requests: `seed` says how the client's bytes come.
void check_requests(std::string_view bytes, unsigned seed);

/// Whose answer it is.
enum class Asked : std::uint8_t { http11, http10, head, upgrade, edited_stream };
void check_answers(Asked asked, std::string_view bytes, unsigned seed);

}  // namespace foreword::fuzz
