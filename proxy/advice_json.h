// Fine-tune or not, as the admin API says it: figures, and the sentences that go with them.
//
// Pure functions. Money is a decimal string in USD. A sentence rounds: to cents, and tokens to
// thousands or millions.
#pragma once

#include <boost/json/object.hpp>

#include "cache/advice.h"
#include "cache/finetune_claims.h"
#include "config/finetune.h"

namespace foreword::proxy {

[[nodiscard]] boost::json::object to_json(const cache::Advice& advice,
                                          const config::FinetuneSettings& settings);
[[nodiscard]] boost::json::object to_json(const cache::FinetuneClaims& claims);

}  // namespace foreword::proxy
