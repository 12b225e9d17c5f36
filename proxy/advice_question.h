// What `GET /api/advice` is asked to assume in place of the settings.
//
// A pure function.
#pragma once

#include <string_view>

#include "config/finetune.h"
#include "config/result.h"

namespace foreword::proxy {

/// The settings with what the query says of them: "gpu_usd_per_hour=1.2" for all three estimates,
/// "gpu_usd_per_hour=1,1.5,3" for each its own. Beside them a query may have from and to. An Error
/// names the parameter and what it takes.
[[nodiscard]] config::Result<config::FinetuneSettings> assumptions_asked_for(
    std::string_view query, config::FinetuneSettings settings);

}  // namespace foreword::proxy
