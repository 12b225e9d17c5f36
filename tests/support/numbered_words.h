// Text of any length that no two places share.
#pragma once

#include <cstddef>
#include <string>

namespace foreword::test {

/// "word0 word1 ...", `count` of them.
inline std::string numbered_words(std::size_t count, const std::string& word) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += word + std::to_string(i) + " ";
  return out;
}

}  // namespace foreword::test
