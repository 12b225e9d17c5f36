// `foreword kb load` and `kb diff`: reads documents, publishes them, and with --watch does so again
// and again.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "tools/admin_connection.h"

namespace foreword::tools {

struct LoadQuestion {
  std::string kb;
  std::vector<std::filesystem::path> paths;
  bool as_json = false;
  bool strict = false;  // nothing is loaded if more is skipped than what is hidden or ignored
  bool allow_secrets = false;  // takes what looks like a secret
  bool read_all = false;       // even files that did not change since the last load
  bool watch = false;
  std::vector<std::string> prewarm;  // models; empty: those that the settings name
  bool allow_oversize = false;       // even if it fits no model that is known
};

/// Reads and publishes; `print` shows the API's answer for people. Only what the store lacks is
/// sent. Returns the exit code; what was skipped and what failed is told on standard error. With
/// `watch` it returns when it is told to stop. REQUIRES then: block_stop_signals() came before any
/// thread.
int load_into(const AdminConnection& admin, const LoadQuestion& question,
              const std::function<void(const boost::json::value&)>& print);

/// Reads, and shows what a load would change and cost; publishes nothing. Otherwise the same.
int compare_with(const AdminConnection& admin, const LoadQuestion& question,
                 const std::function<void(const boost::json::value&)>& print);

}  // namespace foreword::tools
