// The hash of one stretch of a body, some of it left out, while the body arrives. Not part of the
// folder's contract: only scan*.h include it.
//
// Short stretches are hashed in one call when they end; a long one is hashed as it comes, while its
// bytes are still in the cache. Bytes are named by their offsets, since the body may move.
#pragma once

#include <cstddef>
#include <string_view>

#include "config/hash_stream.h"

namespace foreword::assembler {

class ContentHash {
 public:
  void begin(std::size_t at) {
    from_ = at;
    bytes_ = 0;
    open_ = true;
    streaming_ = false;
  }

  /// What lies behind `at` does not count, until resume().
  void leave_out(const char* body, std::size_t at) {
    if (at > from_) stream(body, at);
    open_ = false;
  }
  void resume(std::size_t at) {
    from_ = at;
    open_ = true;
  }

  /// All bytes before `at` are there, and count unless they are being left out.
  void keep_up(const char* body, std::size_t at) {
    if (open_ && at >= from_ + kWorthwhileBytes) stream(body, at);
  }

  [[nodiscard]] config::Hash128 end(const char* body, std::size_t at) {
    const std::string_view rest(body + from_, at - from_);
    open_ = false;
    bytes_ += rest.size();
    if (!streaming_) return config::xxh3_128(rest);
    stream_.update(rest);
    return stream_.digest();
  }

  /// How many were hashed. REQUIRES: it has ended.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  /// Several windows of the scanner, which stay in the second level cache.
  static constexpr std::size_t kWorthwhileBytes = 16u << 10;

  void stream(const char* body, std::size_t until) {
    if (!streaming_) stream_.reset();
    streaming_ = true;
    stream_.update({body + from_, until - from_});
    bytes_ += until - from_;
    from_ = until;
  }

  std::size_t from_ = 0;  // what lies before it has been hashed, or left out
  std::size_t bytes_ = 0;
  bool open_ = false;
  bool streaming_ = false;
  config::HashStream stream_;
};

}  // namespace foreword::assembler
