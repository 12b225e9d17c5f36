// Files for tests of the loader, made in place: text, DOCX and PDF.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::test {

/// Makes missing folders too.
void write_file(const std::filesystem::path& file, std::string_view text);

/// A zip archive of these parts.
[[nodiscard]] std::string make_zip(const std::map<std::string, std::string>& parts);
/// Of the paragraphs and tables in `body`, which is WordprocessingML with the prefix w:.
[[nodiscard]] std::string make_docx(std::string_view body,
                                    std::map<std::string, std::string> other_parts = {});

/// One page for each list of lines, each line 14 points below the one before.
[[nodiscard]] std::string make_pdf(const std::vector<std::vector<std::string>>& pages);
/// Of objects as they stand: "1 0 obj" is the first.
[[nodiscard]] std::string make_pdf_of_objects(const std::vector<std::string>& objects);

}  // namespace foreword::test
