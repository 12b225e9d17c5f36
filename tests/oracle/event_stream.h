// The oracle for server-sent events: a stream read line by line as the HTML standard says (section
// 9.2.6), from bytes that are all here. Shares no code with the product.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foreword::oracle {

struct StreamEvent {
  std::string type;
  std::string data;
  bool operator==(const StreamEvent&) const = default;
};

/// The events that have data. What no blank line ends is no event.
[[nodiscard]] std::vector<StreamEvent> read_event_stream(std::string_view bytes);

}  // namespace foreword::oracle
