#include "simulator/response_store.h"

#include <algorithm>

namespace foreword::simulator {

void ResponseStore::keep(const config::Hash128& account, const std::string& id,
                         std::shared_ptr<const StoredResponse> response) {
  const std::lock_guard lock(mutex_);
  bytes_ += response->bytes;
  order_.emplace_back(account, id);
  responses_.emplace(order_.back(), std::move(response));
  while (order_.size() > kMaxResponses || (bytes_ > kMaxBytes && order_.size() > 1)) {
    const auto oldest = responses_.find(order_.front());
    bytes_ -= oldest->second->bytes;
    responses_.erase(oldest);
    order_.pop_front();
  }
}

std::shared_ptr<const StoredResponse> ResponseStore::find(const config::Hash128& account,
                                                          std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = responses_.find(Key(account, id));
  return found == responses_.end() ? nullptr : found->second;
}

void ResponseStore::clear() {
  const std::lock_guard lock(mutex_);
  responses_.clear();
  order_.clear();
  bytes_ = 0;
}

std::vector<const json::value*> items_up_to(const StoredResponse* last) {
  std::vector<const json::value*> items;
  for (const auto* response = last; response != nullptr; response = response->previous.get()) {
    for (auto item = response->items.rbegin(); item != response->items.rend(); ++item) {
      items.push_back(&*item);
    }
  }
  std::reverse(items.begin(), items.end());
  return items;
}

std::vector<json::value> input_items(const json::value& body) {
  std::vector<json::value> items;
  const json::value* input = member(body, "input");
  if (input == nullptr) return items;
  if (input->is_string()) {
    items.push_back(json::object{{"role", "user"}, {"content", text_member(body, "input")}});
  }
  const json::array* list = input->if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    // With memory of their own: the body's arena goes away and is not for sharing between threads.
    items.emplace_back((*list)[i], json::storage_ptr());
  }
  return items;
}

}  // namespace foreword::simulator
