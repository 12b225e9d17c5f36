// Asks the admin API: of a running proxy over HTTP, or of a store folder in this process.
//
// Both speak the same requests and JSON, so that a command does not know which it talks to.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "config/result.h"
#include "tools/command_line.h"

namespace foreword::tools {

/// method, target, body -> the answer's JSON; an Error carries the API's own message.
using AdminConnection = std::function<config::Result<boost::json::value>(
    std::string_view, std::string_view, std::string)>;

/// Connects anew for each call. An Error says how to start a proxy or name a store.
[[nodiscard]] config::Result<AdminConnection> connect_admin(const StoreSource& source);

}  // namespace foreword::tools
