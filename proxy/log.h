// Lines for the operator. No key, prompt, document text or query string is ever given to these.
//
// Thread-safe.
#pragma once

#include <exception>
#include <string_view>

#include "config/settings.h"

namespace foreword::proxy {

/// Level and format for the whole process; lines go to standard error.
void start_log(const config::LogSettings& settings);

void log_info(std::string_view where, std::string_view what);
void log_warning(std::string_view where, std::string_view what);
void log_error(std::string_view where, std::string_view what);
/// Does nothing for nullptr.
void log_exception(std::string_view where, const std::exception_ptr& error);

}  // namespace foreword::proxy
