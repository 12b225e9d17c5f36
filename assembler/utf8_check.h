// Whether a growing text is UTF-8. Not part of the folder's contract: only scan.cc includes it.
#pragma once

#include <cstddef>
#include <string_view>

namespace foreword::assembler {

class Utf8Check {
 public:
  /// `text` has grown since the last call; `ascii` says that all that was added is ASCII. False if
  /// it is not UTF-8, however it goes on.
  [[nodiscard]] bool feed(std::string_view text, bool ascii);
  /// False if it ends within a character.
  [[nodiscard]] bool finish(std::string_view text);

 private:
  [[nodiscard]] bool check(std::string_view text, std::size_t end);

  std::size_t checked_ = 0;  // all before this is UTF-8
  std::size_t seen_ = 0;     // a character may have begun between the two
};

}  // namespace foreword::assembler
