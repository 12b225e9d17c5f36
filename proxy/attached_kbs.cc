#include "proxy/attached_kbs.h"

#include <cmath>
#include <string_view>
#include <utility>

#include "config/hash128.h"

namespace foreword::proxy {
namespace {

/// Names the first layer, and the tag in front of it if there is one.
std::string cache_key_of(const AttachedKbs& attached) {
  const auto& version = attached.kbs.front()->version;
  const auto& layers = attached.knowledge.layers();
  if (version.layers.empty() || layers.empty()) return {};
  auto first = version.layers.front().hash;
  const auto opening = layers.front().opening;
  if (!opening.empty()) first = config::xxh3_128(std::string(opening) + config::to_bytes(first));
  return "foreword-" + config::to_hex(first);
}

void append(std::string& joined, std::string_view name) {
  if (!joined.empty()) joined += '+';
  joined += name;
}

}  // namespace

TokenEstimate estimate_tokens(const AttachedKbs& attached, const config::Model* model,
                              double bytes_per_token) {
  const auto unknown = static_cast<double>(attached.knowledge.tag_bytes()) / bytes_per_token;
  double tokens = unknown;
  double may_be_off = unknown * cache::kTableRatioError;
  for (const auto& kb : attached.kbs) {
    const auto figure = kb->figures.find(model);
    const bool known = figure != kb->figures.end();
    const auto of_kb = static_cast<double>(kb->version.text_bytes()) /
                       (known ? figure->second.bytes_per_token : bytes_per_token);
    tokens += of_kb;
    may_be_off += of_kb * (known ? figure->second.error : cache::kTableRatioError);
  }
  TokenEstimate estimate;
  estimate.tokens = static_cast<std::uint64_t>(std::llround(tokens));
  if (tokens > 0) estimate.error = may_be_off / tokens;
  return estimate;
}

std::shared_ptr<const AttachedKbs> attach(std::vector<std::shared_ptr<const LoadedKb>> kbs) {
  auto attached = std::make_shared<AttachedKbs>();
  attached->kbs = std::move(kbs);
  std::vector<assembler::NamedLayers> bases;
  for (const auto& kb : attached->kbs) {
    append(attached->name, kb->version.name);
    append(attached->version, config::to_hex(kb->version.content_id));
    attached->text_bytes += kb->version.text_bytes();
    bases.push_back({kb->version.name, kb->layers});
  }
  attached->knowledge = assembler::JoinedKnowledge(bases);
  attached->text_bytes += attached->knowledge.tag_bytes();
  attached->cache_key = cache_key_of(*attached);
  return attached;
}

}  // namespace foreword::proxy
