// Prices, price checks and price imports as the admin API shows them. Money is USD per million
// tokens as decimal strings, days are YYYY-MM-DD in UTC.
//
// Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "config/price_check.h"
#include "config/price_import.h"
#include "config/result.h"

namespace foreword::proxy {

/// All models with what they cost at `at`, and the imports by number.
[[nodiscard]] boost::json::object prices_json(const config::ModelTable& table,
                                              std::span<const config::PriceImport> imports,
                                              config::TimePoint at);
/// One model with all of its periods. The Error says what name is close to it.
[[nodiscard]] config::Result<boost::json::object> price_json(const config::ModelTable& table,
                                                             std::string_view model,
                                                             config::TimePoint at);
/// {"findings": [...], "errors": 0, "warnings": 2, "notes": 1}
[[nodiscard]] boost::json::object check_json(const config::ModelTable& table,
                                             const config::CheckQuestion& question);
[[nodiscard]] boost::json::object to_json(const config::PriceOffer& offer,
                                          const config::Weighed& weighed);

}  // namespace foreword::proxy
