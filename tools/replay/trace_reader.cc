#include "tools/replay/trace_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>
#include <zlib.h>

namespace foreword::replay {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kReadBytes = 1u << 18;
/// A prompt of 100 million tokens has 200,000 ids of at most 20 digits.
constexpr std::size_t kMaxLineBytes = 8u << 20;

constexpr std::string_view kForm =
    R"({"timestamp": ms, "input_length": tokens, "output_length": tokens, "hash_ids": [numbers]})";

/// The lines of a file, plain or gzip: zlib looks. Views hold until the next call.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file)
      : file_(file.string()), input_(gzopen(file.c_str(), "rb"), &gzclose) {
    if (!input_) fail_at_file(std::string("cannot be read: ") + std::strerror(errno));
  }

  /// Nothing at the end, or when error() says why.
  std::optional<std::string_view> next() {
    while (!error_) {
      const auto end = buffer_.find('\n', searched_);
      if (end != std::string::npos) return take(end, end + 1);
      searched_ = buffer_.size();
      if (buffer_.size() - start_ > kMaxLineBytes) {
        ++number_;
        error_ = here(fmt::format("a line of more than {} bytes", kMaxLineBytes));
      } else if (!fill()) {
        if (error_ || start_ == buffer_.size()) break;
        return take(buffer_.size(), buffer_.size());
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::optional<config::Error>& error() const { return error_; }
  /// An error in the line that next() gave last.
  [[nodiscard]] config::Error here(std::string_view what) const {
    return {fmt::format("{}:{}: {}", file_, number_, what)};
  }

 private:
  std::string_view take(std::size_t end, std::size_t next) {
    const auto line = std::string_view(buffer_).substr(start_, end - start_);
    start_ = searched_ = next;
    ++number_;
    return line;
  }

  bool fill() {
    buffer_.erase(0, start_);
    start_ = 0;
    const auto kept = searched_ = buffer_.size();
    buffer_.resize(kept + kReadBytes);
    const auto bytes = gzread(input_.get(), buffer_.data() + kept, kReadBytes);
    buffer_.resize(kept + static_cast<std::size_t>(std::max(bytes, 0)));
    if (bytes > 0) return true;
    // A file that breaks off shows as an error only once all that came before it is read.
    int error = Z_OK;
    const auto* const words = gzerror(input_.get(), &error);
    if (error == Z_ERRNO) fail_at_file(std::string("cannot be read: ") + std::strerror(errno));
    if (error != Z_OK && error != Z_ERRNO) fail_at_file(std::string("damaged gzip: ") + words);
    return false;
  }

  void fail_at_file(std::string_view what) { error_ = {fmt::format("{}: {}", file_, what)}; }

  std::string file_;
  std::unique_ptr<gzFile_s, decltype(&gzclose)> input_;
  std::size_t number_ = 0;  // of the line that next() gave last, from 1 on
  std::string buffer_;
  std::size_t start_ = 0;
  std::size_t searched_ = 0;
  std::optional<config::Error> error_;
};

/// Parses lines into a builder. A function that refuses says why, else nothing.
class LineParser {
 public:
  explicit LineParser(TraceBuilder& trace) : trace_(trace) {}

  std::optional<std::string> add(std::string_view line) {
    dom::object request;
    if (parser_.parse(line.data(), line.size()).get(request) != simdjson::SUCCESS) {
      return fmt::format("not JSON of the form {}", kForm);
    }
    double timestamp = 0;
    if (request["timestamp"].get(timestamp) != simdjson::SUCCESS ||
        !(timestamp >= 0 && timestamp <= TraceBuilder::kMaxTimestampMs)) {
      return fmt::format("timestamp has to be milliseconds from 0 to {}",
                         TraceBuilder::kMaxTimestampMs);
    }
    std::uint64_t input = 0;
    if (request["input_length"].get(input) != simdjson::SUCCESS || input == 0 ||
        input > TraceBuilder::kMaxTokens) {
      return fmt::format("input_length has to be a whole number from 1 to {}",
                         TraceBuilder::kMaxTokens);
    }
    std::uint64_t output = 0;
    if (request["output_length"].get(output) != simdjson::SUCCESS ||
        output > TraceBuilder::kMaxTokens) {
      return fmt::format("output_length has to be a whole number from 0 to {}",
                         TraceBuilder::kMaxTokens);
    }
    if (auto wrong = read_ids(request, input)) return wrong;
    if (ids_.size() > TraceBuilder::kMaxSegmentUses - trace_.segment_uses()) {
      return fmt::format("more than {} blocks so far: replay a part of it",
                         TraceBuilder::kMaxSegmentUses);
    }
    trace_.add(timestamp, input, output, ids_);
    return std::nullopt;
  }

 private:
  std::optional<std::string> read_ids(const dom::object& request, std::uint64_t input) {
    dom::array ids;
    if (request["hash_ids"].get(ids) != simdjson::SUCCESS) return "hash_ids has to be an array";
    ids_.clear();
    for (const auto& element : ids) {
      std::uint64_t id = 0;
      std::int64_t below_zero = 0;
      if (element.get(below_zero) == simdjson::SUCCESS) {
        id = static_cast<std::uint64_t>(below_zero);
      } else if (element.get(id) != simdjson::SUCCESS) {
        return fmt::format("hash_ids holds what is not a whole number at place {}", ids_.size());
      }
      ids_.push_back(id);
    }
    const auto blocks = (input + kBlockTokens - 1) / kBlockTokens;
    if (ids_.size() == blocks) return std::nullopt;
    return fmt::format("{} tokens are {} blocks of {}, but there are {} hash_ids", input, blocks,
                       kBlockTokens, ids_.size());
  }

  TraceBuilder& trace_;
  dom::parser parser_;
  std::vector<std::uint64_t> ids_;
};

std::optional<config::Error> read_file(const std::filesystem::path& file, TraceBuilder& trace) {
  LineReader lines(file);
  LineParser parser(trace);
  while (const auto line = lines.next()) {
    if (line->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (const auto wrong = parser.add(*line)) return lines.here(*wrong);
  }
  return lines.error();
}

}  // namespace

config::Result<Trace> read_traces(std::span<const std::filesystem::path> files) {
  TraceBuilder trace;
  for (const auto& file : files) {
    const auto before = trace.size();
    trace.next_file();
    if (auto error = read_file(file, trace)) return *error;
    if (trace.size() == before) {
      return config::Error{fmt::format("{}: no requests; lines of {} are", file.string(), kForm)};
    }
  }
  return std::move(trace).build();
}

}  // namespace foreword::replay
