#include "oracle/event_stream.h"

#include <utility>

namespace foreword::oracle {
namespace {

/// Every line that has an end: LF, CR, or the two together.
std::vector<std::string> lines_of(std::string_view bytes) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r') continue;
    if (bytes[i] == '\n' || bytes[i] == '\r') {
      lines.emplace_back();
    } else {
      lines.back() += bytes[i];
    }
  }
  lines.pop_back();
  return lines;
}

}  // namespace

std::vector<StreamEvent> read_event_stream(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::vector<StreamEvent> events;
  StreamEvent event;
  std::string data;  // each line of it with LF behind it
  for (const auto& line : lines_of(bytes)) {
    if (line.empty()) {
      event.data = data.substr(0, data.empty() ? 0 : data.size() - 1);
      if (!event.data.empty()) events.push_back(std::move(event));
      event = {};
      data.clear();
      continue;
    }
    const auto name = line.substr(0, line.find(':'));
    auto value = name.size() < line.size() ? line.substr(name.size() + 1) : std::string();
    if (value.starts_with(' ')) value.erase(0, 1);
    if (name == "event") event.type = value;
    if (name == "data") data += value + '\n';
  }
  return events;
}

}  // namespace foreword::oracle
