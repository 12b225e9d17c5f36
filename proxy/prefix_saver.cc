#include "proxy/prefix_saver.h"

#include <chrono>

#include "config/limits.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

constexpr std::chrono::minutes kBetweenSaves{10};

}  // namespace

std::unique_ptr<cache::PrefixMemory> load_prefixes(const cache::Store& store,
                                                   config::TimePoint now) {
  constexpr auto kMost = config::limits::kPrefixMemoryBytes;
  bool damaged = false;
  auto loaded = cache::load_prefixes(store, kMost, now, &damaged);
  if (damaged) log_warning("cache", "what was remembered of prefixes is damaged: begun anew");
  if (loaded) return std::move(*loaded);
  log_error("cache", "what was remembered of prefixes: " + loaded.error().message);
  return std::make_unique<cache::PrefixMemory>(kMost, now);
}

void save_prefixes(Background& background, cache::Store& store, const cache::PrefixMemory& memory) {
  for (bool more = true; more;) {
    more = background.pause(kBetweenSaves);
    const auto saved = cache::save_prefixes(store, memory);
    if (!saved) log_error("cache", "what is remembered of prefixes: " + saved.error().message);
  }
}

}  // namespace foreword::proxy
