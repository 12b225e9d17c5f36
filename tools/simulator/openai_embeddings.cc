#include "simulator/openai_embeddings.h"

#include <array>
#include <bit>
#include <cstring>

#include <openssl/evp.h>

#include "config/hash128.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {
namespace {

constexpr std::size_t kDimensions = 8;
constexpr std::size_t kPieceBytes = 10;

std::array<float, kDimensions> embed(std::string_view text) {
  const auto bytes = config::to_bytes(config::xxh3_128(text));
  std::array<float, kDimensions> vector{};
  for (std::size_t i = 0; i < kDimensions; ++i) {
    vector[i] = static_cast<float>(static_cast<signed char>(bytes[i])) / 128.0F;
  }
  return vector;
}

json::value encode(const std::array<float, kDimensions>& vector, bool as_base64) {
  static_assert(std::endian::native == std::endian::little);
  if (!as_base64) return json::value_from(vector);
  std::array<unsigned char, sizeof(vector)> bytes{};
  std::memcpy(bytes.data(), vector.data(), bytes.size());
  std::array<unsigned char, 4 * sizeof(vector)> text{};  // EVP ends it with a zero
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return json::value(std::string_view(reinterpret_cast<const char*>(text.data()),
                                      static_cast<std::size_t>(length)));
}

}  // namespace

Parsed<Reply> embeddings_reply(const json::value& body) {
  const std::string_view model = text_member(body, "model");
  if (model.empty()) return ApiError{400, "you must provide a model parameter", "model", ""};
  const json::value* input = member(body, "input");
  if (input == nullptr) {
    return ApiError{400, "Missing required parameter: 'input'.", "input",
                    "missing_required_parameter"};
  }
  const bool as_base64 = text_member(body, "encoding_format") == "base64";
  json::array data;
  std::uint64_t tokens = 0;
  const auto add = [&](const json::value& item) {
    const std::string text =
        item.is_string() ? std::string(item.get_string()) : json::serialize(item);
    tokens += count_tokens(text, kPieceBytes);
    data.push_back(json::object{{"object", "embedding"},
                                {"index", data.size()},
                                {"embedding", encode(embed(text), as_base64)}});
  };
  if (const json::array* list = input->if_array()) {
    for (const auto& item : *list) add(item);
  } else {
    add(*input);
  }
  Reply reply;
  reply.model = model;
  reply.body = json::serialize(
      json::object{{"object", "list"},
                   {"data", std::move(data)},
                   {"model", model},
                   {"usage", json::object{{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
  return reply;
}

}  // namespace foreword::simulator
