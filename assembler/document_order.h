// In which order the documents of a layer follow one another.
//
// Not part of the folder's contract: for layer.cc and layout.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace foreword::assembler {

/// Places by path. The paths have to outlive it.
class DocumentPlaces {
 public:
  explicit DocumentPlaces(std::span<const std::string> order) {
    places_.reserve(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) places_.emplace(order[i], i);
  }

  /// What has none comes behind all that has.
  [[nodiscard]] std::size_t of(std::string_view path) const {
    const auto found = places_.find(path);
    return found == places_.end() ? places_.size() : found->second;
  }

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
};

}  // namespace foreword::assembler
