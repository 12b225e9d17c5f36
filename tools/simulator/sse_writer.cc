#include "simulator/sse_writer.h"

namespace foreword::simulator {

std::string sse_event(std::string_view name, const json::object& data) {
  std::string event = "event: ";
  event += name;
  event += "\n";
  event += sse_data(data);
  return event;
}

std::string sse_data(const json::object& data) {
  return "data: " + json::serialize(data) + "\n\n";
}

std::string sse_data_crlf(const json::object& data) {
  return "data: " + json::serialize(data) + "\r\n\r\n";
}

}  // namespace foreword::simulator
