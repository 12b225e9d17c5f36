// An answer's body that is read before any of it is passed on: what came, in the pieces it came in.
//
// Owns its bytes. Not thread-safe.
#pragma once

#include <cstddef>
#include <forward_list>
#include <optional>
#include <string>
#include <vector>

#include "proxy/message_buffer.h"

namespace foreword::proxy {

class HeldBody {
 public:
  /// Copies what one read brought, and how it ended.
  void add(const std::vector<BodyEvent>& events, ReadStatus status);
  /// No more of it is worth holding: limits::kMaxRefusalBytes, in a usual number of chunks.
  [[nodiscard]] bool full() const;
  [[nodiscard]] const std::vector<BodyEvent>& events() const { return events_; }
  /// `ok`: there is more; `done`: this is all; else how it broke off.
  [[nodiscard]] ReadStatus status() const { return status_; }
  /// What it says, its coding undone. Nothing: it is not here as a whole, is longer than
  /// limits::kMaxRefusalBytes, or has a coding that we cannot undo.
  [[nodiscard]] std::optional<std::string> text(const Fields& head) const;

 private:
  std::forward_list<std::string> data_;
  std::vector<BodyEvent> events_;
  std::size_t bytes_ = 0;
  ReadStatus status_ = ReadStatus::ok;
};

}  // namespace foreword::proxy
