#include "tools/litellm_prices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "config/model_families.h"
#include "config/price_text.h"
#include "tools/documents/skipped.h"
#include "tools/exact_price.h"
#include "tools/litellm_json.h"

namespace foreword::tools {
namespace {

using config::Error;
using config::Picodollars;
using config::PriceOffer;
using config::Provider;
using config::Result;
using config::TokenClass;

constexpr std::size_t kReadBytes = 1u << 20;
/// Ten times the file of 2026: a larger one is something else.
constexpr std::size_t kMaxFileBytes = 16u << 20;
constexpr std::size_t kMaxNameBytes = 128;
/// Why an entry is not taken: thrown within this file, caught where entries are gone through.
struct Refusal {
  std::string group;
  std::string detail;
};

/// A JSON string of plain characters, as names, modes and dates are; else nothing.
std::optional<std::string> parse_text(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  const auto text = json.substr(1, json.size() - 2);
  const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\\'; });
  if (!plain) return std::nullopt;
  return std::string(text);
}

/// A file's key of a class: `base` + what stands behind it.
struct PricedClass {
  std::string_view key;
  TokenClass token_class{};
};

constexpr std::array<PricedClass, 3> kEverywhere{
    {{"input_cost_per_token", TokenClass::input},
     {"output_cost_per_token", TokenClass::output},
     {"cache_read_input_token_cost", TokenClass::cache_read}}};

std::vector<PricedClass> classes_of(Provider provider) {
  std::vector<PricedClass> classes(kEverywhere.begin(), kEverywhere.end());
  if (provider == Provider::anthropic) {
    classes.push_back({"cache_creation_input_token_cost", TokenClass::cache_write_5m});
    classes.push_back({"cache_creation_input_token_cost_above_1hr", TokenClass::cache_write_1h});
  } else if (provider == Provider::openai) {
    classes.push_back({"cache_creation_input_token_cost", TokenClass::cache_write_30m});
  }
  return classes;
}

std::size_t index(TokenClass token_class) {
  return static_cast<std::size_t>(token_class);
}

/// Units that the ledger does not count, so that a bill in tokens alone would be too low.
bool is_other_unit(std::string_view key) {
  constexpr std::array<std::string_view, 8> kUnits{
      "_per_second", "_per_character", "_per_pixel",  "_per_image",
      "_per_video",  "_per_session",   "_per_minute", "output_cost_per_audio_token"};
  return std::ranges::any_of(kUnits,
                             [&](auto unit) { return key.find(unit) != std::string_view::npos; });
}

/// One entry of a provider whose models are taken.
class EntryReader {
 public:
  EntryReader(const LitellmEntry& entry, Provider provider, std::string name) : entry_(entry) {
    offer_.provider = provider;
    offer_.name = std::move(name);
  }

  PriceOffer read() {
    refuse_what_differs();
    refuse_other_units();
    for (const auto& [key, token_class] : classes_of(offer_.provider)) {
      offer_.rates[index(token_class)] = price(key);
    }
    for (const auto& key : {"input_cost_per_token", "output_cost_per_token"}) {
      if (!has(key)) throw Refusal{"no price per token", key};
    }
    refuse_costs_nothing();
    read_reasoning();
    read_unpriced_writes();
    read_tier();
    for (const auto* tier : {"priority", "flex", "batch"}) read_service_tier(tier);
    read_factors();
    read_facts();
    return std::move(offer_);
  }
  /// What read() noticed.
  [[nodiscard]] std::vector<std::string> remarks() const {
    std::vector<std::string> all;
    for (const auto& remark : remarks_) all.push_back(printable(remark));
    return all;
  }

 private:
  [[nodiscard]] bool has(std::string_view key) const { return value(key) != nullptr; }
  /// nullptr: not there, or null.
  [[nodiscard]] const std::string* value(std::string_view key) const {
    const auto found = entry_.members.find(key);
    return found == entry_.members.end() || found->second == "null" ? nullptr : &found->second;
  }

  std::optional<Picodollars> price(std::string_view key) {
    const auto* text = value(key);
    if (text == nullptr) return std::nullopt;
    const auto exact = exact_price(*text);
    if (!exact) throw Refusal{exact.error().message, std::string(key)};
    if (exact->rounded) remarks_.push_back(fmt::format("{} {} is rounded", key, *text));
    return exact->picodollars;
  }

  void refuse_what_differs() const {
    for (const auto& key : entry_.differs) {
      throw Refusal{"a key is there twice, with different values", key};
    }
  }

  void refuse_other_units() {
    for (const auto& [key, text] : entry_.members) {
      if (is_other_unit(key) && !is_zero(text)) {
        throw Refusal{"charges in units that the ledger does not count", key};
      }
    }
    if (entry_.tiered) throw Refusal{"priced by ranges (tiered_pricing)", ""};
    if (has("input_cost_per_audio_token")) {
      remarks_.emplace_back("audio that is sent to it costs otherwise, and is not told apart");
    }
  }

  void refuse_costs_nothing() const {
    for (const auto& [key, token_class] : classes_of(offer_.provider)) {
      const auto& rate = offer_.rates[index(token_class)];
      if (rate && *rate == 0) throw Refusal{"costs nothing", std::string(key)};
    }
  }

  void read_reasoning() {
    const auto reasoning = price("output_cost_per_reasoning_token");
    if (reasoning && *reasoning != *offer_.rates[index(TokenClass::output)]) {
      throw Refusal{"reasoning costs other than output", "output_cost_per_reasoning_token"};
    }
  }

  /// Cache writes that the provider does not charge, or that only the file's class of another one
  /// could mean.
  void read_unpriced_writes() {
    const bool gemini = offer_.provider == Provider::gemini;
    const auto named = std::ranges::any_of(entry_.members, [](const auto& member) {
      return member.first.starts_with("cache_creation_input_token_cost");
    });
    if (gemini && named) {
      remarks_.emplace_back("cache_creation is not taken: Gemini does not charge for writes");
    }
    // They would be billed as plain input, a fifth too low.
    const auto* const writes = "cache_creation_input_token_cost";
    if (offer_.provider == Provider::anthropic && !has(writes)) {
      throw Refusal{"no price for cache writes", writes};
    }
  }

  /// The N of the keys "..._above_Nk_tokens" of those classes.
  [[nodiscard]] std::set<std::uint64_t> thresholds() const {
    constexpr std::string_view kAbove = "_above_";
    constexpr std::string_view kTokens = "k_tokens";
    std::set<std::uint64_t> found;
    for (const auto& [key, text] : entry_.members) {
      if (!key.ends_with(kTokens) || text == "null") continue;
      const auto from = key.rfind(kAbove) + kAbove.size();
      const auto* const end = key.data() + key.size() - kTokens.size();
      std::uint64_t thousands = 0;
      const auto [stop, error] = std::from_chars(key.data() + from, end, thousands);
      constexpr std::uint64_t kMost = 1'000'000;
      if (error != std::errc() || stop != end || thousands == 0 || thousands > kMost) continue;
      const bool of_input = key.starts_with("input_cost_per_token_above");
      const bool of_output = key.starts_with("output_cost_per_token_above");
      if (of_input || of_output || key.starts_with("cache_")) found.insert(thousands * 1000);
    }
    return found;
  }

  void read_tier() {
    const auto found = thresholds();
    if (found.empty()) return;
    if (found.size() > 1) throw Refusal{"more than one long-context tier", ""};
    const auto threshold = *found.begin();
    const auto suffix = fmt::format("_above_{}k_tokens", threshold / 1000);
    offer_.long_context_threshold_tokens = threshold;
    for (const auto& [key, token_class] : classes_of(offer_.provider)) {
      const auto long_key = std::string(key) + suffix;
      auto& rate = offer_.long_rates[index(token_class)];
      rate = price(long_key);
      // Twice the 5m write's input is the 1h write's: the file often leaves it out.
      const bool can_lack = token_class == TokenClass::cache_write_1h;
      if (!rate && has(key) && !can_lack) {
        throw Refusal{"its long-context tier is incomplete", "no " + long_key};
      }
      if (rate && *rate == 0) throw Refusal{"costs nothing", long_key};
    }
  }

  /// A factor, where input, output and cache reads agree on it.
  void read_service_tier(const std::string& tier) {
    const auto suffix = tier == "batch" ? "_batches" : "_" + tier;
    std::optional<std::pair<std::int64_t, std::int64_t>> agreed;
    bool agree = true;
    std::size_t named = 0;
    for (const auto& [base_key, token_class] : kEverywhere) {
      const auto key = std::string(base_key) + suffix;
      const auto* text = value(key);
      const auto& base = offer_.rates[index(token_class)];
      if (text == nullptr || !base) continue;
      const auto exact = exact_price(*text);
      const auto factor = exact ? exact_ratio(exact->picodollars, *base) : std::nullopt;
      ++named;
      agree = agree && factor && (!agreed || agreed == factor);
      if (factor) agreed = factor;
    }
    if (named == 0) return;
    if (!agree || named < 2) {
      remarks_.push_back(fmt::format("{} is not taken: its prices are no one multiple", tier));
      return;
    }
    offer_.modifiers.push_back({"service_tier", tier, agreed->first, agreed->second});
  }

  void add_factor(std::string field, std::string term, const std::string& text) {
    const auto factor = exact_factor(text);
    if (factor) {
      offer_.modifiers.push_back(
          {std::move(field), std::move(term), factor->first, factor->second});
    } else {
      remarks_.push_back(fmt::format("{} {} is not taken: '{}' is no multiple", field, term, text));
    }
  }

  void read_factors() {
    for (const auto& [key, text] : entry_.specific) {
      if (key == "us") {
        add_factor("inference_geo", key, text);
      } else if (key == "fast") {
        add_factor("speed", key, text);
      } else {
        remarks_.push_back(fmt::format("provider_specific_entry '{}' is not taken", key));
      }
    }
    for (const auto* region : {"us", "eu"}) {
      const auto* text = value(std::string("regional_processing_uplift_multiplier_") + region);
      if (text != nullptr) add_factor("inference_geo", region, *text);
    }
  }

  std::optional<std::uint64_t> tokens(std::string_view key) {
    const auto* text = value(key);
    if (text == nullptr) return std::nullopt;
    const auto count = exact_count(*text);
    if (!count) remarks_.push_back(fmt::format("{} is not taken: it is no whole number", key));
    return count;
  }

  void read_facts() {
    offer_.context_window_tokens = tokens("max_input_tokens");
    if (!offer_.context_window_tokens) offer_.context_window_tokens = tokens("max_tokens");
    offer_.max_output_tokens = tokens("max_output_tokens");
    offer_.min_cacheable_tokens = tokens("prompt_cache_min_tokens");
    const auto* text = value("deprecation_date");
    if (text == nullptr) return;
    const auto day = parse_text(*text);
    if (day && config::parse_date(*day)) {
      offer_.retires = *day;
    } else {
      remarks_.emplace_back("deprecation_date is not taken: it is no date");
    }
  }

  const LitellmEntry& entry_;
  PriceOffer offer_;
  std::vector<std::string> remarks_;
};

/// What the file calls the provider of an entry, if that is one of ours.
Provider provider_of(const LitellmEntry& entry) {
  const auto found = entry.members.find("litellm_provider");
  const auto name = found == entry.members.end() ? std::nullopt : parse_text(found->second);
  if (!name) throw Refusal{"names no provider", ""};
  const auto provider = config::parse_provider(*name);
  if (!provider) throw Refusal{"another provider's product", *name};
  return *provider;
}

/// As requests name the model.
std::string bare_name(const LitellmEntry& entry, Provider provider) {
  std::string_view name = entry.name;
  const auto prefix = std::string(config::name_of(provider)) + "/";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const bool plain = std::ranges::all_of(name, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (name.empty() || name.size() > kMaxNameBytes || !plain ||
      name.find('/') != std::string_view::npos) {
    throw Refusal{"not a model's own name", ""};
  }
  if (name.starts_with("ft:")) throw Refusal{"a fine-tune's base, which no request names", ""};
  if (provider == Provider::gemini && name.ends_with("-latest")) {
    throw Refusal{"an alias that moves: answers name the model that is billed", ""};
  }
  return std::string(name);
}

void refuse_other_modes(const LitellmEntry& entry) {
  const auto found = entry.members.find("mode");
  const auto mode = found == entry.members.end() ? std::nullopt : parse_text(found->second);
  if (mode == "chat" || mode == "responses") return;
  throw Refusal{"not a chat model", mode.value_or("names no mode")};
}

bool same_prices(const PriceOffer& a, const PriceOffer& b) {
  return a.rates == b.rates && a.long_rates == b.long_rates &&
         a.long_context_threshold_tokens == b.long_context_threshold_tokens;
}

/// Goes through the entries and sorts them out.
class FileReader {
 public:
  FilePrices read(const std::vector<LitellmEntry>& entries) {
    prices_.entries = entries.size();
    for (const auto& entry : entries) {
      try {
        read_entry(entry);
      } catch (const Refusal& refusal) {
        prices_.refused.push_back(
            {printable(std::string_view(entry.name).substr(0, kMaxNameBytes)), refusal.group,
             printable(std::string_view(refusal.detail).substr(0, kMaxNameBytes))});
      }
    }
    drop_aliases();
    drop_contradictions();
    return std::move(prices_);
  }

 private:
  void read_entry(const LitellmEntry& entry) {
    if (entry.name == "sample_spec") throw Refusal{"the file's description of itself", ""};
    if (!entry.is_object) throw Refusal{"no JSON object", ""};
    const auto provider = provider_of(entry);
    refuse_other_modes(entry);
    auto name = bare_name(entry, provider);
    EntryReader reader(entry, provider, name);
    auto offer = read_or_remember(reader, {provider, std::move(name)});
    const auto [twin, is_first] =
        taken_.try_emplace({offer.provider, offer.name}, prices_.offers.size());
    if (is_first) {
      prices_.remarks[offer.name] = reader.remarks();
      prices_.offers.push_back(std::move(offer));
    } else if (same_prices(prices_.offers[twin->second], offer)) {
      prices_.remarks[offer.name].emplace_back("is there twice, the same");
      prices_.aliases.push_back(entry.name);
    } else {
      contradicted_.insert({offer.provider, offer.name});
      throw Refusal{"is there twice, with different prices", ""};
    }
  }

  /// An entry of the same model that is refused speaks against those that are not.
  PriceOffer read_or_remember(EntryReader& reader, std::pair<Provider, std::string> model) {
    try {
      return reader.read();
    } catch (const Refusal&) {
      contradicted_.insert(std::move(model));
      throw;
    }
  }

  void drop_contradictions() {
    std::erase_if(prices_.offers, [&](const PriceOffer& offer) {
      if (!contradicted_.contains({offer.provider, offer.name})) return false;
      prices_.refused.push_back({offer.name, "is there twice, with different prices", ""});
      return true;
    });
  }

  void drop_aliases() {
    const auto all = prices_.offers;
    std::erase_if(prices_.offers, [&](const PriceOffer& offer) {
      const std::string undated(config::without_date(offer.name));
      const auto other = taken_.find({offer.provider, undated});
      const bool alias = undated != offer.name && other != taken_.end() &&
                         !contradicted_.contains(other->first) &&
                         same_prices(all[other->second], offer);
      if (alias) prices_.aliases.push_back(offer.name);
      return alias;
    });
  }

  FilePrices prices_;
  std::map<std::pair<Provider, std::string>, std::size_t> taken_;  // index in offers
  std::set<std::pair<Provider, std::string>> contradicted_;
};

}  // namespace

Result<FilePrices> read_litellm_prices(std::string_view json) {
  const auto entries = read_litellm_entries(json);
  if (!entries) return entries.error();
  return FileReader().read(*entries);
}

Result<FilePrices> read_litellm_file(const std::filesystem::path& file) {
  // zlib looks whether it is gzip.
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> input(gzopen(file.c_str(), "rb"), &gzclose);
  if (!input) return Error{fmt::format("cannot read {}", file.string())};
  std::string text;
  for (;;) {
    const auto before = text.size();
    text.resize(before + kReadBytes);
    const auto bytes = gzread(input.get(), text.data() + before, kReadBytes);
    if (bytes < 0) return Error{fmt::format("cannot read {}: damaged, or a folder", file.string())};
    text.resize(before + static_cast<std::size_t>(bytes));
    if (bytes == 0) break;
    if (text.size() > kMaxFileBytes) {
      return Error{fmt::format("{} has more than {} MB: it is no price file", file.string(),
                               kMaxFileBytes >> 20)};
    }
  }
  auto prices = read_litellm_prices(text);
  if (!prices) return Error{file.string() + ": " + prices.error().message};
  return prices;
}

}  // namespace foreword::tools
