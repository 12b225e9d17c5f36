#include "cache/seal.h"

#include <limits>
#include <memory>
#include <span>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace foreword::cache {
namespace {

using config::Error;
using config::Result;
using Digest = std::array<std::uint8_t, 32>;

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyNameBytes = 8;
/// OpenSSL counts in an int.
constexpr std::size_t kMostBytes = std::numeric_limits<int>::max() / 2;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

Digest hmac(std::span<const std::uint8_t> key, std::string_view text) {
  Digest digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       digest.data(), &length);
  return digest;
}

std::string first_bytes(const Digest& digest, std::size_t count) {
  return {digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

Sealer::Sealer(const config::SealKey& key)
    : cipher_key_(hmac(key, "foreword seal 1: cipher")),
      tag_key_(hmac(key, "foreword seal 1: tags")),
      key_name_(first_bytes(hmac(key, "foreword seal 1: name"), kKeyNameBytes)) {}

Sealer::~Sealer() {
  OPENSSL_cleanse(cipher_key_.data(), cipher_key_.size());
  OPENSSL_cleanse(tag_key_.data(), tag_key_.size());
}

Result<std::string> Sealer::seal(std::string_view text, std::string_view context) const {
  if (text.size() > kMostBytes) return Error{"a text of 1 GB or more cannot be sealed"};
  std::string sealed(kNonceBytes + text.size() + kMacBytes, '\0');
  auto* const nonce = bytes_of(sealed.data());
  auto* const body = nonce + kNonceBytes;
  auto* const mac = body + text.size();
  const Context cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool done = cipher && RAND_bytes(nonce, kNonceBytes) == 1 &&
                    EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, cipher_key_.data(),
                                       nonce) == 1 &&
                    EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                                      static_cast<int>(context.size())) == 1 &&
                    EVP_EncryptUpdate(cipher.get(), body, &length, bytes_of(text),
                                      static_cast<int>(text.size())) == 1 &&
                    EVP_EncryptFinal_ex(cipher.get(), body + length, &length) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kMacBytes, mac) == 1;
  if (!done) return Error{"OpenSSL cannot seal a text: the system may give it no random bytes"};
  return {boost::system::in_place_value, std::move(sealed)};
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kNonceBytes + kMacBytes || sealed.size() > kMostBytes) return std::nullopt;
  const auto nonce = sealed.substr(0, kNonceBytes);
  const auto body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kMacBytes);
  std::string mac(sealed.substr(sealed.size() - kMacBytes));
  std::string text(body.size(), '\0');
  const Context cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool whole =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, cipher_key_.data(),
                         bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(text.data()), &length, bytes_of(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kMacBytes, mac.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(text.data()) + length, &length) == 1;
  if (!whole) return std::nullopt;
  return text;
}

std::string Sealer::tag(std::string_view text) const {
  return first_bytes(hmac(tag_key_, text), kTagBytes);
}

}  // namespace foreword::cache
