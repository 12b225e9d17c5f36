#include "config/settings.h"

#include <algorithm>

namespace foreword::config {

const UpstreamSettings* Settings::upstream_for(Provider provider) const {
  const auto* named = upstream_named(name_of(provider));
  if (named != nullptr && named->provider == provider) return named;
  const auto first = std::ranges::find(upstreams, provider, &UpstreamSettings::provider);
  return first == upstreams.end() ? nullptr : &*first;
}

const UpstreamSettings* Settings::upstream_named(std::string_view name) const {
  const auto found = std::ranges::find(upstreams, name, &UpstreamSettings::name);
  return found == upstreams.end() ? nullptr : &*found;
}

}  // namespace foreword::config
