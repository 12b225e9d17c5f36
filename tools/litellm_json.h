// The entries of a LiteLLM price file as they are written: nothing is converted, and keys that are
// there twice are seen. Private to litellm_prices.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"

namespace foreword::tools {

struct LitellmEntry {
  std::string name;
  bool is_object = true;
  /// JSON texts of the members that are neither objects nor arrays: "3e-06", "\"chat\"", "NaN".
  std::map<std::string, std::string, std::less<>> members;
  /// The same of the members of provider_specific_entry.
  std::map<std::string, std::string, std::less<>> specific;
  bool tiered = false;            // has tiered_pricing
  std::set<std::string> differs;  // members that are there twice, with different values
};

/// In the order of the file; entries of one name follow each other as often as they are there. The
/// Error says that the text is not JSON.
[[nodiscard]] config::Result<std::vector<LitellmEntry>> read_litellm_entries(std::string_view json);

}  // namespace foreword::tools
