// The blocks of a Messages request before they are hashed: in prefix order, each with its place.
//
// Views and pointers point into the body. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"
#include "simulator/errors.h"
#include "simulator/json.h"

namespace foreword::simulator {

enum class Section : std::uint8_t { tools, system, messages };

struct RawBlock {
  Section section{};
  std::string_view role;               // of the message; "" elsewhere
  std::string path;                    // "messages.0.content.1", for error messages
  const json::value* value = nullptr;  // nullptr: a string where an array of blocks may stand
  std::string_view text;               // of a text block
  bool is_text = false;
  bool opens_message = false;
  bool may_be_empty = false;  // the last assistant message, which the answer continues

  [[nodiscard]] std::string_view type() const;
  /// The block's own cache_control, or that of a block inside a tool result; nullptr if neither.
  [[nodiscard]] const json::value* marker() const;
  /// May a breakpoint stand here: not on thinking, not on empty text.
  [[nodiscard]] bool is_cacheable() const;
};

/// Tools (web tools last: switching them on or off keeps the tools' prefix), system, messages.
[[nodiscard]] Parsed<std::vector<RawBlock>> collect_blocks(const json::value& body,
                                                           const config::Model& model);

}  // namespace foreword::simulator
