// What `foreword prices` prints. Pure: text in, text out.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "tools/litellm_prices.h"

namespace foreword::tools {

/// What was taken, refused and why: of the file, and of the table that weighed it (the answer to
/// POST /api/prices).
[[nodiscard]] std::string import_report(const FilePrices& file, const boost::json::value& answer);
/// The same for scripts, with every refusal.
[[nodiscard]] boost::json::object import_json(const FilePrices& file,
                                              const boost::json::value& answer);
/// GET /api/prices?model=
[[nodiscard]] std::string price_report(const boost::json::value& price);
/// GET /api/prices/check
[[nodiscard]] std::string check_report(const boost::json::value& check);

}  // namespace foreword::tools
