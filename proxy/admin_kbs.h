// The admin API's part under /api/kbs: knowledge bases are listed, shown, put, rolled back and
// deleted, and compared with documents that are not put.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "assembler/layout.h"
#include "cache/store.h"
#include "cache/token_ratios.h"
#include "proxy/admin_response.h"
#include "proxy/kb_costs.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Blocks while it reads and writes the store or waits for a provider. Thread-safe: it has no state
/// of its own. Services and store outlive it.
class AdminKbs {
 public:
  static constexpr std::string_view kPath = "/api/kbs";

  AdminKbs(const Services& services, cache::Store& store) : services_(services), store_(store) {}

  /// Is this path (without a query) one of those below?
  [[nodiscard]] static bool knows(std::string_view path);
  /// REQUIRES: knows(path).
  [[nodiscard]] AdminResponse answer(std::string_view method, std::string_view path,
                                     std::string_view query, std::string body);

 private:
  /// Documents that are to be put or compared, and what it takes to judge them.
  struct Proposal {
    explicit Proposal(const config::ModelTable& table) : ratios(table) {}
    std::vector<RawDocument> documents;
    assembler::LayoutPolicy policy;
    cache::TokenRatios ratios;
    KbModels models;
    std::vector<std::string> to_warm;
  };
  /// An answer where the body is none, or the store cannot say what is needed.
  [[nodiscard]] std::optional<AdminResponse> read_proposal(std::string_view name, std::string body,
                                                           Proposal& proposal);

  [[nodiscard]] AdminResponse list() const;
  [[nodiscard]] AdminResponse show(std::string_view name);
  /// Where the documents are larger than `allow_oversize` lets them be, nothing changes.
  [[nodiscard]] AdminResponse put(std::string_view name, std::string_view query, std::string body);
  /// What put() would say, and under "refused" why it would not, or null. Nothing changes.
  [[nodiscard]] AdminResponse diff(std::string_view name, std::string body);
  [[nodiscard]] AdminResponse remove(std::string_view name);
  [[nodiscard]] AdminResponse history(std::string_view name) const;
  [[nodiscard]] AdminResponse roll_back(std::string_view name, std::string_view body);
  [[nodiscard]] AdminResponse export_texts(std::string_view name) const;
  /// The models that "prewarm" names, else those that the settings name for it.
  [[nodiscard]] config::Result<std::vector<std::string>> models_to_warm(
      const boost::json::object& root, std::string_view name) const;
  [[nodiscard]] config::Result<assembler::LayoutPolicy> layout_policy(std::string_view name);
  [[nodiscard]] config::Result<cache::TokenRatios> token_ratios();
  /// Asks the providers of the models that are named for it. REQUIRES: the draft has its content,
  /// or is not changed.
  [[nodiscard]] KbCounts count(const KbDraft& draft, const KbModels& models);

  const Services& services_;
  cache::Store& store_;
};

}  // namespace foreword::proxy
