// Seals texts for the store: who has the folder and not the key learns how many there are, when
// they came and how long they are, and nothing of what they say.
//
// AES-256-GCM and HMAC-SHA256 by OpenSSL, each under a key of its own that is derived from the
// operator's. Thread-safe: a Sealer does not change. Its keys are wiped with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/result.h"
#include "config/seal_key.h"

namespace foreword::cache {

class Sealer {
 public:
  explicit Sealer(const config::SealKey& key);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  /// Under a fresh random nonce: the same text twice are other bytes. `context` is not in it, but
  /// opens nothing else. An Error: the system gives no random bytes.
  [[nodiscard]] config::Result<std::string> seal(std::string_view text,
                                                 std::string_view context) const;
  /// Nothing: it was sealed with another key or context, or is not what was sealed.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view context) const;

  /// 16 bytes that tell the same text again, and without the key nobody what it may have been.
  [[nodiscard]] std::string tag(std::string_view text) const;
  /// 8 bytes by which the key is known again.
  [[nodiscard]] const std::string& key_name() const { return key_name_; }

 private:
  using Key = std::array<std::uint8_t, 32>;
  Key cipher_key_;
  Key tag_key_;
  std::string key_name_;
};

}  // namespace foreword::cache
