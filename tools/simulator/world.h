// What all three simulated providers share: options, time, ids, token counts, and who is calling.
//
// Lives as long as the simulator; safe to use from any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/hash128.h"
#include "config/models.h"
#include "simulator/clock.h"
#include "simulator/errors.h"
#include "simulator/http_message.h"
#include "simulator/ids.h"
#include "simulator/options.h"
#include "simulator/rate_meter.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {

struct World {
  explicit World(const Options& given)
      : options(given), clock(given.virtual_time), ids(given.seed) {}

  const Options options;
  Clock clock;
  Ids ids;
  TokenMemo memo;
  RateMeter rates;
};

/// The key of a request wherever the provider's SDKs put it; "" if there is none.
[[nodiscard]] std::string_view api_key(const Request& request, config::Provider provider);

/// One key is one account: an organisation with a single workspace. Caches are not shared between
/// them.
[[nodiscard]] Parsed<config::Hash128> authenticate(const Request& request,
                                                   config::Provider provider);

/// The model of that name, or the provider's 404.
[[nodiscard]] Parsed<const config::Model*> find_model(config::Provider provider,
                                                      std::string_view name);

/// A refusal as a reply, without the provider's usual headers.
[[nodiscard]] Reply refuse(config::Provider provider, const ApiError& error,
                           std::string_view request_id);

}  // namespace foreword::simulator
