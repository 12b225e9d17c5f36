"""Specification of tools/check_layers.py: each test is one include in one place."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_layers  # noqa: E402


def rules(path, text, private=frozenset()):
    return [rule for _, rule in check_layers.check_text(path, text, private)]


class Layers(unittest.TestCase):
    def allows(self, path, line, private=frozenset()):
        self.assertEqual(rules(path, line, private), [])

    def refuses(self, path, line, words, private=frozenset()):
        found = rules(path, line, private)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_each_folder_sees_itself_and_those_above(self):
        self.allows("config/a.cc", '#include "config/b.h"')
        self.allows("assembler/a.h", '#include "config/b.h"')
        self.allows("cache/a.h", '#include "config/b.h"')
        self.allows("proxy/a.h", '#include "assembler/b.h"')
        self.allows("proxy/a.h", '#include "cache/b.h"')
        self.allows("tools/a.cc", '#include "proxy/b.h"')
        self.allows("tests/unit/proxy/a_test.cc", '#include "proxy/b.h"')
        self.allows("tests/integration/a_test.cc", '#include "support/b.h"')

    def test_no_folder_sees_those_below(self):
        self.refuses("config/a.cc", '#include "cache/b.h"', "config/ must not include cache/")
        self.refuses("assembler/a.cc", '#include "proxy/b.h"', "must not include proxy/")
        self.refuses("cache/a.cc", '#include "proxy/b.h"', "must not include proxy/")
        self.refuses("proxy/a.cc", '#include "tools/b.h"', "must not include tools/")
        self.refuses("proxy/a.cc", '#include "tests/b.h"', "must not include tests/")

    def test_assembler_and_cache_do_not_know_each_other(self):
        self.refuses("assembler/a.cc", '#include "cache/b.h"', "must not include cache/")
        self.refuses("cache/a.cc", '#include "assembler/b.h"', "must not include assembler/")

    def test_the_simulator_is_a_second_opinion(self):
        self.refuses("tools/simulator/a.cc", '#include "cache/b.h"', "second opinion")
        self.refuses("tools/simulator/a.cc", '#include "assembler/b.h"', "second opinion")
        self.allows("tools/simulator/a.cc", '#include "config/b.h"')
        self.allows("tools/serve.cc", '#include "cache/b.h"')

    def test_paths_start_at_the_folder(self):
        self.refuses("proxy/a.cc", '#include "../config/b.h"', "../")
        self.refuses("proxy/a.cc", '#include "proxy/../config/b.h"', "../")

    def test_angle_brackets_are_no_way_around(self):
        self.refuses("assembler/a.cc", "#include <boost/asio/post.hpp>", "Asio")

    def test_the_result_type_may_be_in_any_header(self):
        self.allows("config/a.h", "#include <boost/system/result.hpp>")
        self.allows("cache/a.h", "#include <boost/system/result.hpp>")

    def test_parsers_show_in_sources_only(self):
        for path, header in (
            ("config/a", "boost/json.hpp"),
            ("config/a", "toml++/toml.h"),
            ("config/a", "xxhash.h"),
            ("config/a", "boost/system/error_code.hpp"),
            ("assembler/a", "simdjson.h"),
            ("assembler/a", "utf8proc.h"),
            ("assembler/a", "boost/json/serialize.hpp"),
            ("cache/a", "rocksdb/db.h"),
            ("cache/a", "google/protobuf/message.h"),
        ):
            self.allows(path + ".cc", f"#include <{header}>")
            self.refuses(path + ".h", f"#include <{header}>", "public header")

    def test_a_private_header_counts_as_a_source(self):
        private = frozenset({"cache/options.h"})
        self.allows("cache/options.h", "#include <rocksdb/options.h>", private)
        self.allows("cache/store.cc", '#include "cache/options.h"', private)

    def test_a_private_header_is_seen_by_its_sources_only(self):
        private = frozenset({"cache/options.h"})
        self.refuses("cache/store.h", '#include "cache/options.h"', "private", private)
        self.refuses("proxy/a.cc", '#include "cache/options.h"', "private", private)

    def test_each_library_has_its_folder(self):
        self.refuses("config/a.cc", "#include <simdjson.h>", "must not include simdjson")
        self.refuses("assembler/a.cc", "#include <toml++/toml.h>", "must not include toml++")
        self.refuses("cache/a.cc", "#include <boost/json.hpp>", "must not include Boost.JSON")
        self.refuses("cache/a.cc", "#include <xxhash.h>", "must not include xxHash")
        self.refuses("assembler/a.cc", "#include <boost/url.hpp>", "other Boost")

    def test_rocksdb_is_the_business_of_cache_alone(self):
        for path in ("config/a.cc", "proxy/a.cc", "tools/a.cc", "tests/integration/a.cc"):
            self.refuses(path, "#include <rocksdb/db.h>", "must not include RocksDB")

    def test_the_unit_tests_of_cache_may_open_its_database(self):
        self.allows("tests/unit/cache/store_test.cc", "#include <rocksdb/db.h>")

    def test_protobuf_records_are_the_business_of_cache_alone(self):
        self.allows("cache/a.cc", '#include "records.pb.h"')
        self.refuses("cache/a.h", '#include "records.pb.h"', "public header")
        self.refuses("proxy/a.cc", '#include "records.pb.h"', "belong to cache/")

    def test_sockets_and_logs_are_for_proxy_tools_and_tests(self):
        for folder in ("config", "assembler", "cache"):
            for header in ("boost/asio.hpp", "boost/beast.hpp", "openssl/ssl.h", "spdlog/spdlog.h"):
                self.refuses(f"{folder}/a.cc", f"#include <{header}>", "must not include")
        self.allows("proxy/log.cc", "#include <spdlog/spdlog.h>")
        self.allows("tools/a.cc", "#include <boost/asio.hpp>")
        self.allows("tests/support/a.h", "#include <boost/beast/http.hpp>")

    def test_in_proxy_sockets_have_one_door(self):
        self.allows("proxy/net.h", "#include <boost/asio/post.hpp>")
        self.allows("proxy/a.cc", '#include "proxy/net.h"')
        for header in ("boost/asio/post.hpp", "boost/beast/http.hpp", "openssl/ssl.h"):
            self.refuses("proxy/a.cc", f"#include <{header}>", "proxy/net.h")

    def test_cache_seals_what_it_stores(self):
        for header in ("openssl/evp.h", "openssl/rand.h"):
            self.allows("cache/seal.cc", f"#include <{header}>")
            self.refuses("cache/seal.h", f"#include <{header}>", "public header")
            self.refuses("config/a.cc", f"#include <{header}>", "must not include libcrypto")
            self.refuses("proxy/a.cc", f"#include <{header}>", "proxy/net.h")

    def test_the_standard_library_is_everyones(self):
        self.allows("config/a.h", "#include <vector>")
        self.allows("cache/a.cc", "#include <unistd.h>")

    def test_spelling_with_spaces_is_seen(self):
        self.refuses("config/a.cc", '  #  include  "proxy/b.h"', "must not include proxy/")

    def test_a_macro_hides_what_is_included(self):
        self.refuses("config/a.cc", "#include PARSER", "not a macro")

    def test_comments_and_raw_strings_include_nothing(self):
        self.allows("config/a.cc", '// #include "proxy/b.h"')
        self.allows("config/a.cc", '/*\n#include "proxy/b.h"\n*/')
        self.allows("config/a.cc", 'auto s = R"x(\n#include "proxy/b.h"\n)x";')

    def test_a_string_that_looks_like_a_comment_hides_nothing(self):
        text = 'auto s = "/*";\n#include "proxy/b.h"\nauto t = "*/";'
        self.refuses("config/a.cc", text, "must not include proxy/")

    def test_the_line_is_that_of_the_include(self):
        text = '/* one\n two */\n\n#include "proxy/b.h"\n'
        self.assertEqual([line for line, _ in check_layers.check_text("config/a.cc", text)], [4])


class ListedHeaders(unittest.TestCase):
    def test_are_those_between_headers_and_the_next_keyword(self):
        cmake = "foreword_module(cache\n  HEADERS a.h b.h\n    c.h\n  SOURCES d.cc\n  LINKS e)\n"
        self.assertEqual(check_layers.listed_headers(cmake), {"a.h", "b.h", "c.h"})

    def test_leave_comments_out(self):
        cmake = "foreword_module(cache\n  HEADERS a.h # b.h\n  SOURCES d.cc)\n"
        self.assertEqual(check_layers.listed_headers(cmake), {"a.h"})


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def status(self):
        return check_layers.main([str(self.root)])

    def test_that_keeps_the_law_passes(self):
        self.write("config/a.cc", '#include "config/a.h"\n')
        self.assertEqual(self.status(), 0)

    def test_that_breaks_it_fails(self):
        self.write("config/a.cc", '#include "proxy/a.h"\n')
        self.assertEqual(self.status(), 1)

    def test_without_sources_fails_rather_than_passing_unseen(self):
        self.assertEqual(self.status(), 1)

    def test_knows_a_header_that_is_not_listed_as_private(self):
        self.write("cache/CMakeLists.txt", "foreword_module(cache HEADERS a.h SOURCES a.cc)")
        self.write("cache/hidden.h", "#include <rocksdb/db.h>\n")
        self.assertEqual(self.status(), 0)
        self.write("cache/a.h", "#include <rocksdb/db.h>\n")
        self.assertEqual(self.status(), 1)

    def test_leaves_fetched_packages_alone(self):
        self.write("config/a.cc", "")
        self.write("tests/sdk/node_modules/x/a.cc", '#include "../b.h"\n')
        self.assertEqual(self.status(), 0)


if __name__ == "__main__":
    unittest.main()
