#include <array>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "unit/assembler/plan_check.h"

// Requests of odd layouts, made from a seed: whatever the layout, plans keep their promises.
namespace foreword::assembler {
namespace {

using config::Operation;

constexpr std::array kOperations = {Operation::messages, Operation::chat_completions,
                                    Operation::responses, Operation::generate_content};
const std::array<std::array<std::string, 3>, 3> kLayers = {{
    {"first \\\"layer\\\"\\n", "second", "third"},
    {"fourth", "fifth", "sixth"},
    {"seventh", "eighth", "ninth"},
}};
constexpr std::array<std::string_view, 3> kNames = {"a", "b.c", "d-e"};

/// Writes random requests: members in any order, any white space, often of a shape that matters.
class RequestWriter {
 public:
  explicit RequestWriter(unsigned seed) : random_(seed) {}

  std::string request(Operation operation) {
    auto members = members_of(operation);
    if (!one_of(8)) members.push_back({"metadata", value(3)});
    std::shuffle(members.begin(), members.end(), random_);
    return space() + object(members) + space();
  }

  bool one_of(unsigned n) { return pick(n) == 0; }
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_()) % n; }

 private:
  using Members = std::vector<std::pair<std::string, std::string>>;
  using Values = std::vector<std::string>;

  std::string space() {
    static constexpr std::array<const char*, 5> kSpaces = {"", "", " ", "\n  ", "\r\n\t"};
    return kSpaces[pick(kSpaces.size())];
  }

  std::string text() {
    static constexpr std::array<const char*, 8> kTexts = {R"("")",
                                                          R"("x-anthropic-billing-header: cch=1")",
                                                          R"("plain")",
                                                          R"("}],{\"system\":[\\")",
                                                          R"("\u0000\ud83d\ude00")",
                                                          "\"\xC3\xA9\xF0\x9F\x98\x80\"",
                                                          R"("\\")",
                                                          R"("cache_control")"};
    return kTexts[pick(kTexts.size())];
  }

  std::string object(const Members& members) {
    std::string out = "{" + space();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += "," + space();
      out += "\"" + members[i].first + "\"" + space() + ":" + space() + members[i].second + space();
    }
    return out + "}";
  }

  std::string array(const Values& values) {
    std::string out = "[" + space();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += "," + space();
      out += values[i] + space();
    }
    return out + "]";
  }

  std::string value(int depth) {
    static constexpr std::array<const char*, 6> kScalars = {"null", "true",  "false",
                                                            "0",    "1.0e0", "-12.5E+3"};
    switch (depth > 0 ? pick(4) : pick(2)) {
      case 0:
        return text();
      case 1:
        return kScalars[pick(kScalars.size())];
      case 2:
        return array({value(depth - 1), value(depth - 1)});
      default:
        return object({{"a", value(depth - 1)}, {"system", value(depth - 1)}});
    }
  }

  Values some(unsigned at_most, const std::function<std::string()>& make) {
    Values values(pick(at_most + 1));
    for (auto& each : values) each = make();
    return values;
  }

  std::string cache_control() {
    static constexpr std::array<const char*, 4> kControls = {R"({"type":"ephemeral"})",
                                                             R"({"type":"ephemeral","ttl":"1h"})",
                                                             R"({ "ttl" : "5m" })", "null"};
    return kControls[pick(kControls.size())];
  }

  std::string breakpoint() {
    return one_of(2) ? R"({"mode":"explicit"})" : R"({"mode":"explicit","ttl":"12h"})";
  }

  std::string block() {
    static constexpr std::array<const char*, 6> kTypes = {
        R"("text")", R"("input_text")", R"("thinking")", R"("image")", R"("tool_use")", "7"};
    Members members = {{"type", one_of(2) ? R"("text")" : kTypes[pick(kTypes.size())]},
                       {"text", text()}};
    if (one_of(3)) members.push_back({"cache_control", cache_control()});
    if (one_of(5)) members.push_back({"prompt_cache_breakpoint", breakpoint()});
    if (one_of(6)) members.push_back({"content", array(some(2, [&] { return block(); }))});
    std::shuffle(members.begin(), members.end(), random_);
    return object(members);
  }

  std::string blocks() {
    return array(some(3, [&] { return block(); }));
  }

  std::string message() {
    static constexpr std::array<const char*, 4> kRoles = {"\"user\"", "\"system\"", "\"developer\"",
                                                          "\"assistant\""};
    Members members = {{"role", one_of(2) ? "\"user\"" : kRoles[pick(kRoles.size())]},
                       {"content", one_of(2) ? text() : blocks()}};
    std::shuffle(members.begin(), members.end(), random_);
    return object(members);
  }

  std::string messages() {
    return array(some(3, [&] { return message(); }));
  }

  Members members_of(Operation operation) {
    switch (operation) {
      case Operation::messages:
        return anthropic();
      case Operation::chat_completions:
        return chat();
      case Operation::responses:
        return responses();
      default:
        return gemini();
    }
  }

  Members anthropic() {
    Members members = {{"messages", messages()}};
    if (!one_of(3)) members.push_back({"sys\\u0074em", one_of(3) ? text() : blocks()});
    if (one_of(2)) members.push_back({"tools", blocks()});
    if (one_of(3)) members.push_back({"cache_control", cache_control()});
    if (one_of(9)) members.push_back({"thread", R"({"type":"create"})"});
    return members;
  }

  Members chat() {
    static constexpr std::array<const char*, 6> kOptions = {"null",
                                                            "{}",
                                                            R"({"include_usage":null})",
                                                            R"({"x":1,"include_usage" : false })",
                                                            R"({"include_usage":true})",
                                                            R"({ "x" : {} })"};
    Members members = {{"messages", messages()}, {"stream", one_of(2) ? "true" : "false"}};
    if (one_of(2)) members.push_back({"stream_options", kOptions[pick(kOptions.size())]});
    if (one_of(3)) members.push_back({"prompt_cache_key", value(0)});
    return members;
  }

  Members responses() {
    Members members = {{"instructions", value(1)}, {"tools", blocks()}};
    if (!one_of(4)) members.push_back({"input", one_of(2) ? text() : messages()});
    if (one_of(4)) members.push_back({"previous_response_id", one_of(2) ? "null" : "\"r\""});
    if (one_of(3))
      members.push_back({"prompt_cache_options", R"({"mode":"explicit"})"});
    else if (one_of(3))
      members.push_back({"prompt_cache_options", R"({"ttl":"12h"})"});
    if (one_of(5)) members.push_back({"prompt_cache_retention", R"("24h")"});
    return members;
  }

  Members gemini() {
    Members members = {{"contents", array({object({{"parts", blocks()}})})}};
    const auto parts = object({{"parts", blocks()}});
    if (!one_of(3)) members.push_back({"systemInstruction", one_of(3) ? value(2) : parts});
    if (one_of(5)) members.push_back({"cached_content", one_of(2) ? "null" : "\"c\""});
    return members;
  }

  std::mt19937 random_;
};

class PlanPropertyTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PlanPropertyTest, EveryPlanKeepsItsPromises) {
  RequestWriter writer(GetParam());
  for (int i = 0; i < 250; ++i) {
    const auto operation = kOperations[writer.pick(kOperations.size())];
    const auto body = writer.request(operation);
    ASSERT_TRUE(testing::parses(body, 100)) << body;
    const auto outline = testing::scan_exactly(operation, body);
    ASSERT_TRUE(outline.has_value()) << name_of(outline.error()) << " " << body;

    std::vector<NamedLayers> bases;
    const auto how_many = 1 + writer.pick(kNames.size());
    for (unsigned base = 0; base < how_many; ++base) {
      bases.push_back({kNames[base], std::span(kLayers[base]).first(writer.pick(4))});
    }
    const JoinedKnowledge joined(bases);
    const KnowledgeView knowledge{joined.layers()};
    PlanRequest request;
    request.outline = &*outline;
    request.knowledge = writer.one_of(5) ? nullptr : &knowledge;
    request.model.explicit_breakpoints = writer.one_of(2);
    for (const Addition addition : kAllAdditions) {
      if (writer.one_of(6)) request.leave_out.add(addition);
    }
    const auto wanted = testing::wishes(writer.pick(1u << 20), outline->segments.size());
    request.marks = wanted;
    if (writer.one_of(3)) request.most_knowledge_marks = writer.pick(4);
    const Plan made = plan(request);
    ASSERT_EQ(testing::check_plan(body, *outline, request, made), "")
        << body << "\n"
        << to_string(splice(body, made.edits));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlanPropertyTest, ::testing::Range(1u, 21u));

}  // namespace
}  // namespace foreword::assembler
