// The columns of `foreword ledger export --format csv`.
//
// They are promised to scripts: a new one goes to the end, none changes its name, place or meaning.
// README.md says what each holds. Pure functions, thread-safe.
#pragma once

#include <string>

#include <boost/json/object.hpp>

namespace foreword::tools {

/// With its line end.
[[nodiscard]] std::string ledger_csv_header();
/// `row` as the admin API tells it (proxy/admin_json.h). What is null there is empty here, and so
/// are the costs of a row that has no price: what nobody knows is not 0.
[[nodiscard]] std::string ledger_csv_line(const boost::json::object& row);

}  // namespace foreword::tools
