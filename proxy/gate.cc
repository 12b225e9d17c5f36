#include "proxy/gate.h"

namespace foreword::proxy {

std::optional<Gate::Lead> Gate::try_lead(const config::Hash128& prefix) {
  const std::lock_guard lock(mutex_);
  if (!led_.insert(prefix).second) return std::nullopt;
  return std::optional<Lead>(std::in_place, *this, prefix);
}

void Gate::leave(const config::Hash128& prefix) {
  const std::lock_guard lock(mutex_);
  led_.erase(prefix);
}

}  // namespace foreword::proxy
