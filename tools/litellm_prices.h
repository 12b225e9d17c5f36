// Reads the field's price file, LiteLLM's model_prices_and_context_window.json, with its traps.
//
// Only chat models of Anthropic, OpenAI and the Gemini API under the names that requests use are
// taken; every other entry is refused with a reason. Prices are told as USD per token in decimals
// ("3e-06") and are converted digit by digit: never through a double. Pure but for the reading of
// the file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/price_import.h"
#include "config/result.h"

namespace foreword::tools {

struct RefusedPrice {
  std::string name;    // as the file names it
  std::string group;   // what many have in common: "another provider's product"
  std::string detail;  // what is special about this one; may be empty
};

struct FilePrices {
  std::size_t entries = 0;  // of the file
  std::vector<config::PriceOffer> offers;
  /// Things to know of an offer, by the name of its model.
  std::map<std::string, std::vector<std::string>> remarks;
  std::vector<RefusedPrice> refused;
  /// Entries that say again what another one says: of a dated name, or of the same name.
  std::vector<std::string> aliases;
};

/// A file may be plain or gzip. The Error says what is wrong with it as a whole: too large, not
/// JSON, damaged.
[[nodiscard]] config::Result<FilePrices> read_litellm_file(const std::filesystem::path& file);
[[nodiscard]] config::Result<FilePrices> read_litellm_prices(std::string_view json);

}  // namespace foreword::tools
