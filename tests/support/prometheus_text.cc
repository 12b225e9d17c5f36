#include "support/prometheus_text.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <regex>
#include <set>
#include <utility>

namespace foreword::test {
namespace {

using Labels = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  Labels labels;
  double value = 0;
};

/// `"..."` at the beginning of `text` with the format's three escapes; nothing: it is none.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] != 'n' && text[i] != '\\' && text[i] != '"') return std::nullopt;
    value += text[i] == 'n' ? '\n' : text[i];
  }
  return std::nullopt;
}

std::string take_name(std::string_view& text) {
  const auto end = std::min(text.find_first_of("{ ="), text.size());
  std::string name(text.substr(0, end));
  text.remove_prefix(end);
  return name;
}

bool take_labels(std::string_view& text, Labels& labels) {
  static const std::regex kName("[a-zA-Z_][a-zA-Z0-9_]*");
  if (!text.starts_with('{')) return true;
  do {
    text.remove_prefix(1);
    const auto name = take_name(text);
    if (!std::regex_match(name, kName) || name.starts_with("__") || !text.starts_with('=')) {
      return false;
    }
    text.remove_prefix(1);
    const auto value = take_quoted(text);
    if (!value || !labels.emplace(name, *value).second) return false;
  } while (text.starts_with(','));
  if (!text.starts_with('}')) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<double> number(std::string_view text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  const bool whole = !copy.empty() && *end == '\0' && std::isfinite(value);
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<Sample> read_sample(std::string_view line) {
  Sample sample;
  sample.name = take_name(line);
  if (!take_labels(line, sample.labels) || !line.starts_with(' ')) return std::nullopt;
  const auto value = number(line.substr(1));
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

std::string series_of(const std::string& name, const Labels& labels) {
  std::string series = name;
  char separator = '{';
  for (const auto& [key, value] : labels) {
    series += std::exchange(separator, ',') + key + "=\"" + value + "\"";
  }
  return labels.empty() ? series : series + "}";
}

/// Reads line by line; families stand together, each with its HELP, then its TYPE, then samples.
class Reader {
 public:
  void read(std::string_view text) {
    if (!text.ends_with('\n')) complain("the last line has no end", "");
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    end_family();
  }
  PrometheusPage take() { return std::move(page_); }

 private:
  void complain(const std::string& what, std::string_view line) {
    page_.problems += what + ": " + std::string(line) + "\n";
  }

  void read_line(std::string_view line) {
    constexpr std::string_view kHelp = "# HELP ";
    constexpr std::string_view kType = "# TYPE ";
    if (line.starts_with(kHelp)) {
      begin_family(line.substr(kHelp.size()), line);
    } else if (line.starts_with(kType)) {
      read_type(line.substr(kType.size()), line);
    } else if (const auto sample = read_sample(line)) {
      add(*sample, line);
    } else {
      complain("no sample", line);
    }
  }

  void begin_family(std::string_view rest, std::string_view line) {
    static const std::regex kName("[a-zA-Z_:][a-zA-Z0-9_:]*");
    end_family();
    family_ = rest.substr(0, rest.find(' '));
    if (!std::regex_match(family_, kName)) complain("no name", line);
    if (rest.size() <= family_.size() + 1) complain("no help", line);
    if (!seen_.insert(family_).second) complain("a family twice", line);
  }

  void read_type(std::string_view rest, std::string_view line) {
    static const std::set<std::string> kTypes = {"counter", "gauge", "histogram"};
    const auto space = rest.find(' ');
    type_ = space == std::string_view::npos ? "" : rest.substr(space + 1);
    if (rest.substr(0, space) != family_) complain("TYPE of another family", line);
    if (!kTypes.contains(type_)) complain("no type", line);
    if (!page_.types.emplace(family_, type_).second) complain("a second TYPE", line);
    const bool total = family_.ends_with("_total");
    if ((type_ == "counter") != total) complain("counters and nothing else end in _total", line);
  }

  void add(const Sample& sample, std::string_view line) {
    const auto series = series_of(sample.name, sample.labels);
    if (!page_.values.emplace(series, sample.value).second) complain("a series twice", line);
    if (type_ == "histogram") {
      add_to_histogram(sample, line);
    } else if (sample.name != family_) {
      complain("a sample of another family", line);
    }
    if (type_ == "counter" && !(sample.value >= 0)) complain("a counter below 0", line);
    any_ = true;
  }

  void add_to_histogram(const Sample& sample, std::string_view line) {
    auto labels = sample.labels;
    const auto bound = labels.extract("le");
    auto& buckets = buckets_[series_of(family_, labels)];
    if (sample.name == family_ + "_bucket" && bound) {
      const auto at = number(bound.mapped());
      const bool ascends = at && (buckets.empty() || (*at > buckets.rbegin()->first &&
                                                      sample.value >= buckets.rbegin()->second));
      if (!ascends) complain("buckets do not ascend", line);
      if (at) buckets[*at] = sample.value;
    } else if (sample.name == family_ + "_count") {
      counts_[series_of(family_, labels)] = sample.value;
    } else if (sample.name != family_ + "_sum") {
      complain("no part of a histogram", line);
    }
  }

  void end_family() {
    if (!family_.empty() && !any_) complain("a family without samples", family_);
    for (const auto& [series, buckets] : buckets_) {
      const bool whole = !buckets.empty() && std::isinf(buckets.rbegin()->first) &&
                         counts_.contains(series) && counts_.at(series) == buckets.rbegin()->second;
      if (!whole) complain("its +Inf bucket is not its count", series);
    }
    buckets_.clear();
    counts_.clear();
    any_ = false;
    type_.clear();
  }

  PrometheusPage page_;
  std::string family_;
  std::string type_;
  bool any_ = false;
  std::set<std::string> seen_;
  std::map<std::string, std::map<double, double>> buckets_;
  std::map<std::string, double> counts_;
};

}  // namespace

PrometheusPage read_prometheus_text(std::string_view text) {
  Reader reader;
  reader.read(text);
  return reader.take();
}

}  // namespace foreword::test
