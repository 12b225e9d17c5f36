#include "tools/replay/trace_reader.h"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "support/temp_dir.h"

namespace foreword::replay {
namespace {

class TraceReader : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto file = folder_.path() / name;
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

  std::filesystem::path write_gzip(const std::string& name, const std::string& text) {
    const auto file = folder_.path() / name;
    auto* const output = gzopen(file.c_str(), "wb");
    EXPECT_EQ(gzwrite(output, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    EXPECT_EQ(gzclose(output), Z_OK);
    return file;
  }

  static config::Result<Trace> read(const std::vector<std::filesystem::path>& files) {
    return read_traces(files);
  }

  /// What is wrong with a file of these lines, without the folder.
  std::string error_of(const std::string& text) {
    return error_of_file(write("trace.jsonl", text));
  }
  std::string error_of_file(const std::filesystem::path& file) {
    const auto trace = read({file});
    if (trace) return "nothing";
    const auto& message = trace.error().message;
    const auto folder = folder_.path().string() + "/";
    EXPECT_TRUE(message.starts_with(folder)) << message;
    return message.substr(folder.size());
  }

  test::TempDir folder_;
};

constexpr auto kLine =
    R"({"timestamp":1500,"input_length":600,"output_length":7,"hash_ids":[4,5]})";

TEST_F(TraceReader, takes_what_a_line_says) {
  const auto trace = read({write("trace.jsonl", std::string(kLine) + "\n")}).value();
  ASSERT_EQ(trace.size(), 1u);
  EXPECT_DOUBLE_EQ(trace[0].at, 1.5);
  EXPECT_EQ(trace[0].input_tokens, 600u);
  EXPECT_EQ(trace[0].output_tokens, 7u);
  EXPECT_EQ(trace.segment_count(0), 2u);
}

TEST_F(TraceReader, cuts_the_last_block_short) {
  const auto trace = read({write("trace.jsonl", kLine)}).value();
  EXPECT_EQ(trace.full_segments(0), 1u);
  EXPECT_EQ(trace.tokens(0, 1), 512u);
  EXPECT_EQ(trace.tokens(0, 2), 600u);
}

TEST_F(TraceReader, reads_gzip) {
  EXPECT_EQ(read({write_gzip("trace.jsonl.gz", kLine)}).value().size(), 1u);
}

TEST_F(TraceReader, reads_lines_longer_than_a_buffer) {
  std::string ids = "0";
  for (int i = 1; i < 100'000; ++i) ids += "," + std::to_string(i);
  const auto line =
      R"({"timestamp":0,"input_length":51200000,"output_length":1,"hash_ids":[)" + ids + "]}\n";
  const auto trace = read({write("trace.jsonl", line + kLine)}).value();
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace.segment_count(0), 100'000u);
}

TEST_F(TraceReader, skips_empty_lines_and_ignores_other_keys) {
  const auto trace = read({write("trace.jsonl",
                                 "\n  \r\n"
                                 R"({"session":"a",)" +
                                     std::string(kLine + 1) + "\r\n\n")});
  EXPECT_EQ(trace.value().size(), 1u);
}

TEST_F(TraceReader, knows_a_prefix_again) {
  const auto trace =
      read({write("trace.jsonl",
                  R"({"timestamp":0,"input_length":1024,"output_length":1,"hash_ids":[7,8]})"
                  "\n"
                  R"({"timestamp":1,"input_length":1024,"output_length":1,"hash_ids":[7,9]})")})
          .value();
  EXPECT_EQ(trace.segments(0)[0], trace.segments(1)[0]);
  EXPECT_NE(trace.segments(0)[1], trace.segments(1)[1]);
  EXPECT_EQ(trace.different_segments(), 3u);
}

TEST_F(TraceReader, tells_the_same_id_behind_different_prefixes_apart) {
  const auto trace =
      read({write("trace.jsonl",
                  R"({"timestamp":0,"input_length":1024,"output_length":1,"hash_ids":[1,9]})"
                  "\n"
                  R"({"timestamp":1,"input_length":1024,"output_length":1,"hash_ids":[2,9]})")})
          .value();
  EXPECT_NE(trace.segments(0)[1], trace.segments(1)[1]);
}

TEST_F(TraceReader, tells_ids_as_large_as_they_get_apart) {
  const auto trace =
      read({write("trace.jsonl", R"({"timestamp":0,"input_length":9,"output_length":1,)"
                                 R"("hash_ids":[18446744073709551615]})"
                                 "\n"
                                 R"({"timestamp":1,"input_length":9,"output_length":1,)"
                                 R"("hash_ids":[18446744073709551614]})")})
          .value();
  EXPECT_EQ(trace.different_segments(), 2u);
}

TEST_F(TraceReader, sorts_by_time_and_keeps_the_place_in_the_file) {
  const auto line = [](int at) {
    return R"({"timestamp":)" + std::to_string(at) +
           R"(,"input_length":5,"output_length":1,"hash_ids":[1]})"
           "\n";
  };
  const auto trace = read({write("trace.jsonl", line(2000) + line(1000) + line(2000))}).value();
  EXPECT_EQ(trace[0].source, 1u);
  EXPECT_EQ(trace[1].source, 0u);
  EXPECT_EQ(trace[2].source, 2u);
}

TEST_F(TraceReader, merges_files_by_time_each_with_ids_of_its_own) {
  const auto first = write("a.jsonl", kLine);
  const auto second = write(
      "b.jsonl", R"({"timestamp":100,"input_length":600,"output_length":7,"hash_ids":[4,5]})");
  const auto trace = read({first, second}).value();
  ASSERT_EQ(trace.size(), 2u);
  EXPECT_EQ(trace[0].source, 1u);
  EXPECT_EQ(trace.different_segments(), 4u);
}

TEST_F(TraceReader, names_file_and_line_of_what_is_not_json) {
  EXPECT_EQ(error_of(kLine + std::string("\n\n{\"timestamp\":\n")),
            R"(trace.jsonl:3: not JSON of the form {"timestamp": ms, "input_length": tokens, )"
            R"("output_length": tokens, "hash_ids": [numbers]})");
}

struct Wrong {
  std::string name;
  std::string line;
  std::string what;
};

class WrongLine : public TraceReader, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongLine, is_told_with_what_is_wrong) {
  EXPECT_EQ(error_of(GetParam().line), "trace.jsonl:1: " + GetParam().what);
}

constexpr auto kTimestamp = "timestamp has to be milliseconds from 0 to 8000000000000";
constexpr auto kInput = "input_length has to be a whole number from 1 to 100000000";
constexpr auto kOutput = "output_length has to be a whole number from 0 to 100000000";

INSTANTIATE_TEST_SUITE_P(
    Lines, WrongLine,
    testing::Values(
        Wrong{"no_timestamp", R"({"input_length":5,"output_length":1,"hash_ids":[1]})", kTimestamp},
        Wrong{"negative_time",
              R"({"timestamp":-1,"input_length":5,"output_length":1,"hash_ids":[1]})", kTimestamp},
        Wrong{"absurd_time",
              R"({"timestamp":1e300,"input_length":5,"output_length":1,"hash_ids":[1]})",
              kTimestamp},
        Wrong{"time_as_text",
              R"({"timestamp":"1","input_length":5,"output_length":1,"hash_ids":[1]})", kTimestamp},
        Wrong{"negative_input",
              R"({"timestamp":1,"input_length":-5,"output_length":1,"hash_ids":[1]})", kInput},
        Wrong{"no_tokens", R"({"timestamp":1,"input_length":0,"output_length":1,"hash_ids":[]})",
              kInput},
        Wrong{"absurd_input",
              R"({"timestamp":1,"input_length":100000001,"output_length":1,"hash_ids":[1]})",
              kInput},
        Wrong{"half_a_token",
              R"({"timestamp":1,"input_length":5.5,"output_length":1,"hash_ids":[1]})", kInput},
        Wrong{"no_output", R"({"timestamp":1,"input_length":5,"hash_ids":[1]})", kOutput},
        Wrong{"no_ids", R"({"timestamp":1,"input_length":5,"output_length":1})",
              "hash_ids has to be an array"},
        Wrong{"id_as_text",
              R"({"timestamp":1,"input_length":600,"output_length":1,"hash_ids":[1,"2"]})",
              "hash_ids holds what is not a whole number at place 1"},
        Wrong{"too_few_ids",
              R"({"timestamp":1,"input_length":1025,"output_length":1,"hash_ids":[1,2]})",
              "1025 tokens are 3 blocks of 512, but there are 2 hash_ids"},
        Wrong{"too_many_ids",
              R"({"timestamp":1,"input_length":1024,"output_length":1,"hash_ids":[1,2,3]})",
              "1024 tokens are 2 blocks of 512, but there are 3 hash_ids"}),
    [](const auto& test) { return test.param.name; });

TEST_F(TraceReader, bounds_a_line) {
  EXPECT_EQ(error_of(std::string(9u << 20, ' ')),
            "trace.jsonl:1: a line of more than 8388608 "
            "bytes");
}

TEST_F(TraceReader, refuses_a_file_without_requests) {
  EXPECT_TRUE(error_of("\n\n").starts_with("trace.jsonl: no requests; lines of {"));
}

TEST_F(TraceReader, refuses_a_file_that_is_not_there) {
  EXPECT_EQ(error_of_file(folder_.path() / "none.jsonl"),
            "none.jsonl: cannot be read: No such file or directory");
}

TEST_F(TraceReader, refuses_a_folder) {
  std::filesystem::create_directory(folder_.path() / "traces");
  EXPECT_EQ(error_of_file(folder_.path() / "traces"), "traces: cannot be read: Is a directory");
}

TEST_F(TraceReader, refuses_gzip_that_breaks_off) {
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += std::string(kLine) + "\n";
  const auto file = write_gzip("trace.jsonl.gz", lines);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 20);
  EXPECT_NE(error_of_file(file).find("damaged gzip"), std::string::npos);
}

}  // namespace
}  // namespace foreword::replay
