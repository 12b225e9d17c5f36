#include "config/settings.h"

#include <algorithm>

#include "config/kb_set.h"
#include "config/name_table.h"

namespace foreword::config {
namespace {

constexpr std::array kKbLayouts{
    Named<KbLayout>{KbLayout::overlay, "overlay"},
    Named<KbLayout>{KbLayout::exact, "exact"},
};

/// Is `rule` "label:" and that label?
bool names_label(std::string_view rule, std::string_view label) {
  return rule.starts_with(kLabelRule) && rule.substr(kLabelRule.size()) == label;
}

}  // namespace

bool is_model_name(std::string_view name) {
  constexpr std::size_t kMaxBytes = 128;
  constexpr std::string_view kSigns = "._-/:@";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMaxBytes && std::ranges::all_of(name, allowed);
}

std::string_view name_of(KbLayout layout) {
  return name_in(kKbLayouts, layout);
}

std::optional<KbLayout> parse_kb_layout(std::string_view name) {
  return value_in(kKbLayouts, name);
}

bool DistillSettings::wants(std::string_view label) const {
  return std::ranges::find(labels, label) != labels.end();
}

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

const std::string* Settings::model_of_alias(std::string_view name) const {
  const auto found = std::ranges::lower_bound(aliases, name, {}, &ModelAlias::name);
  return found == aliases.end() || found->name != name ? nullptr : &found->model;
}

KbSettings Settings::kb_named(std::string_view name) const {
  const auto found = std::ranges::find(kbs, name, &KbSettings::name);
  if (found != kbs.end()) return *found;
  KbSettings defaults;
  defaults.name = name;
  return defaults;
}

std::vector<std::string> Settings::keys_that_attach(std::string_view kb) const {
  std::vector<std::string> keys;
  if (kb_set_has(proxy.kb, kb)) keys.emplace_back("proxy.kb");
  if (!kb_named(kb).attach_to.empty()) keys.push_back("kb." + std::string(kb) + ".attach_to");
  return keys;
}

std::vector<std::string> Settings::kbs_attached_to(std::string_view label) const {
  std::vector<std::string> names;
  for (const auto& kb : kbs) {
    const auto names_it = [&](std::string_view rule) { return names_label(rule, label); };
    if (std::ranges::any_of(kb.attach_to, names_it)) names.push_back(kb.name);
  }
  return names;
}

}  // namespace foreword::config
