#include "cache/prefix_store.h"

#include <string>
#include <utility>
#include <vector>

namespace foreword::cache {

config::Result<void> save_prefixes(Store& store, const PrefixMemory& memory) {
  std::vector<Write> batch;
  // Behind all keys, which are text.
  batch.push_back({Family::prefixes, "", std::nullopt, "\xff"});
  memory.save([&](std::string key, std::string value) {
    batch.push_back({Family::prefixes, std::move(key), std::move(value)});
  });
  return store.write(batch, Durability::buffered);
}

config::Result<std::unique_ptr<PrefixMemory>> load_prefixes(const Store& store,
                                                            std::size_t max_bytes,
                                                            config::TimePoint now, bool* damaged) {
  auto memory = std::make_unique<PrefixMemory>(max_bytes, now);
  *damaged = false;
  const auto read =
      store.scan(Family::prefixes, "", "", [&](std::string_view key, std::string_view value) {
        *damaged = !memory->restore(key, value);
        return !*damaged;
      });
  if (!read) return read.error();
  if (*damaged) memory = std::make_unique<PrefixMemory>(max_bytes, now);
  return memory;
}

}  // namespace foreword::cache
