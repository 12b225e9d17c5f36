#include "proxy/log.h"

#include <memory>
#include <string>

#include <boost/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace foreword::proxy {
namespace {

void write(spdlog::level::level_enum level, std::string_view where, std::string_view what) {
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(level)) return;
  static const bool as_json = spdlog::get("json") != nullptr;
  if (as_json) {
    const boost::json::object line{{"where", where}, {"what", what}};
    const auto text = boost::json::serialize(line);
    logger->log(level, "{}", std::string_view(text).substr(1, text.size() - 2));
  } else {
    logger->log(level, "{}: {}", where, what);
  }
}

}  // namespace

void start_log(const config::LogSettings& settings) {
  const bool as_json = settings.format == "json";
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(as_json ? "json" : "console", sink);
  logger->set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(settings.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_info(std::string_view where, std::string_view what) {
  write(spdlog::level::info, where, what);
}
void log_warning(std::string_view where, std::string_view what) {
  write(spdlog::level::warn, where, what);
}
void log_error(std::string_view where, std::string_view what) {
  write(spdlog::level::err, where, what);
}

void log_exception(std::string_view where, const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    log_error(where, e.what());
  } catch (...) {
    log_error(where, "an exception of unknown type");
  }
}

}  // namespace foreword::proxy
