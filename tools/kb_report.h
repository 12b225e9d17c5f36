// What the admin API says of a knowledge base, as text for people: changes, layers, costs. Pure.
//
// Takes the JSON of GET and PUT /api/kbs/NAME and of POST /api/kbs/NAME/diff. Each part ends its
// lines, and is empty where there is nothing to say. Dollars are estimates: four places are shown.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

namespace foreword::tools {

/// "2 documents added, 1 changed"; of the first version how many there are.
[[nodiscard]] std::string describe_change_counts(const boost::json::value& kb);
/// The documents' names, one a line, of an update: of a first version all are new.
[[nodiscard]] std::string describe_changes(const boost::json::value& kb);
/// Each layer's size, and of an update which of them stay warm.
[[nodiscard]] std::string describe_layers(const boost::json::value& kb);

/// Of each model: tokens by layer and how they are known, share of the window, dollars per request.
[[nodiscard]] std::string describe_costs(const boost::json::value& kb);
/// Of each model: what this update writes again, against documents in the order of their paths.
[[nodiscard]] std::string describe_update_costs(const boost::json::value& kb);
/// Both in one narrow table.
[[nodiscard]] std::string describe_costs_shortly(const boost::json::value& kb);

}  // namespace foreword::tools
