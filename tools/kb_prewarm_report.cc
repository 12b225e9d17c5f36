#include "tools/kb_prewarm_report.h"

#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace foreword::tools {

namespace json = boost::json;

void print_prewarmed(const json::value& answer) {
  for (const auto& report : answer.at("prewarmed").as_array()) {
    const auto model = json::value_to<std::string>(report.at("model"));
    if (report.at("reason").is_string()) {
      fmt::print("not warmed for {}: {}\n", model,
                 json::value_to<std::string>(report.at("reason")));
    } else {
      fmt::print("warmed for {} before its first request: {} tokens written, {} were warm\n", model,
                 report.at("tokens_written").to_number<std::uint64_t>(),
                 report.at("tokens_read").to_number<std::uint64_t>());
    }
  }
}

}  // namespace foreword::tools
