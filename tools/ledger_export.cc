#include "tools/ledger_export.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/csv_text.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

enum class Kind : std::uint8_t {
  text,     // of ours, or a number, or a truth value
  foreign,  // a text that a client, a provider or the settings chose
  tokens,   // a member of "tokens"
  money,    // empty without a price
};

struct Column {
  std::string_view name;
  std::string_view key;
  Kind kind = Kind::text;
};

constexpr std::array kColumns = {
    Column{"id", "id"},
    Column{"time", "time"},
    Column{"provider", "provider"},
    Column{"upstream", "upstream", Kind::foreign},
    Column{"operation", "operation"},
    Column{"model", "model", Kind::foreign},
    Column{"mode", "mode"},
    Column{"label", "label", Kind::foreign},
    Column{"kb", "kb", Kind::foreign},
    Column{"kb_version", "kb_version"},
    Column{"placement", "placement", Kind::foreign},
    Column{"refused", "refused", Kind::foreign},
    Column{"stream", "stream"},
    Column{"status", "status"},
    Column{"outcome", "outcome"},
    Column{"error", "error", Kind::foreign},
    Column{"usage_source", "usage_source"},
    Column{"input_tokens", "input", Kind::tokens},
    Column{"cache_read_tokens", "cache_read", Kind::tokens},
    Column{"cache_write_5m_tokens", "cache_write_5m", Kind::tokens},
    Column{"cache_write_1h_tokens", "cache_write_1h", Kind::tokens},
    Column{"cache_write_30m_tokens", "cache_write_30m", Kind::tokens},
    Column{"cache_write_12h_tokens", "cache_write_12h", Kind::tokens},
    Column{"output_tokens", "output", Kind::tokens},
    Column{"kb_tokens_estimate", "kb_tokens_estimate"},
    Column{"service_tier", "service_tier", Kind::foreign},
    Column{"speed", "speed", Kind::foreign},
    Column{"inference_geo", "inference_geo", Kind::foreign},
    Column{"priced", "priced"},
    Column{"price_version", "price_version", Kind::foreign},
    Column{"cost_usd", "cost_usd", Kind::money},
    Column{"uncached_usd", "uncached_usd", Kind::money},
    Column{"saved_usd", "saved_usd", Kind::money},
    Column{"request_bytes", "request_bytes"},
    Column{"inserted_bytes", "inserted_bytes"},
    Column{"first_byte_ms", "first_byte_ms"},
    Column{"duration_ms", "duration_ms"},
    Column{"alias", "alias", Kind::foreign},
};

std::string plain(const json::value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return json::value_to<std::string>(value);
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

std::string field(const json::object& row, const Column& column) {
  switch (column.kind) {
    case Kind::text:
      return csv_field(plain(row.at(column.key)));
    case Kind::foreign:
      return csv_foreign_text(plain(row.at(column.key)));
    case Kind::tokens:
      return plain(row.at("tokens").at(column.key));
    case Kind::money:
      return row.at("priced").as_bool() ? plain(row.at(column.key)) : "";
  }
  return "";
}

}  // namespace

std::string ledger_csv_header() {
  std::vector<std::string> names;
  names.reserve(kColumns.size());
  for (const auto& column : kColumns) names.emplace_back(column.name);
  return csv_line(names);
}

std::string ledger_csv_line(const json::object& row) {
  std::vector<std::string> fields;
  fields.reserve(kColumns.size());
  for (const auto& column : kColumns) fields.push_back(field(row, column));
  return csv_line(fields);
}

}  // namespace foreword::tools
