// The text of config/models.json as it was when the program was built. Static storage.
#pragma once

#include <string_view>

namespace foreword::config {

[[nodiscard]] std::string_view models_json();

}  // namespace foreword::config
