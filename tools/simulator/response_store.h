// What previous_response_id leads to: the items of earlier responses and of the answers to them.
//
// Bounded by number and by bytes; the oldest go first. Safe to use from any thread: what is kept is
// never changed, and holders share it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/hash128.h"
#include "simulator/json.h"

namespace foreword::simulator {

/// One response: its input items and its output message, and the response in front of it.
struct StoredResponse {
  std::vector<json::value> items;
  std::shared_ptr<const StoredResponse> previous;
  std::size_t bytes = 0;  // of the request
};

class ResponseStore {
 public:
  void keep(const config::Hash128& account, const std::string& id,
            std::shared_ptr<const StoredResponse> response);
  /// nullptr if it is not (or no longer) there, or belongs to another account.
  [[nodiscard]] std::shared_ptr<const StoredResponse> find(const config::Hash128& account,
                                                           std::string_view id);
  void clear();

 private:
  using Key = std::pair<config::Hash128, std::string>;
  static constexpr std::size_t kMaxResponses = 1000;
  static constexpr std::size_t kMaxBytes = 256u << 20;

  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const StoredResponse>> responses_;
  std::deque<Key> order_;
  std::size_t bytes_ = 0;
};

/// All items up to and including those of `last`, the oldest first. They live as long as `last`.
[[nodiscard]] std::vector<const json::value*> items_up_to(const StoredResponse* last);

/// A request's `input` as items: a string is one user message.
[[nodiscard]] std::vector<json::value> input_items(const json::value& body);

}  // namespace foreword::simulator
