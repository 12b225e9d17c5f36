#include "proxy/prefixes_json.h"

#include <utility>

#include <boost/json.hpp>

namespace foreword::proxy {

namespace json = boost::json;

json::object prefixes_json(const Services& services) {
  json::array caches;
  for (const auto& [upstream, model, facts] : services.cache_evidence->all()) {
    const auto least = facts.has_minimum() ? facts.not_cached_up_to : 0;
    caches.push_back({{"upstream", upstream},
                      {"model", model},
                      {"not_cached_up_to_tokens", least > 0 ? json::value(least) : nullptr},
                      {"asked_for_longer", facts.asked_extended},
                      {"given_longer", facts.given_extended},
                      {"gives_longer", !facts.refuses_extended()}});
  }
  const auto& memory = *services.prefixes;
  return {{"prefixes", memory.size()},
          {"warm", memory.warm(services.now())},
          {"bytes", memory.bytes()},
          {"waited", services.counters.gate_waited.load()},
          {"gave_up", services.counters.gate_gave_up.load()},
          {"pings", services.counters.pings.load()},
          {"caches", std::move(caches)}};
}

}  // namespace foreword::proxy
