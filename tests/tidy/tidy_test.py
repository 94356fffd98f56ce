#!/usr/bin/env python3
"""Shows for each rule of tidy.py that it fires on a bad sample and leaves a good one alone."""

import pathlib
import tempfile
import unittest

import cpp
import documented
import layers
import tidy


def rules_broken(path, text, *others):
    return {rule for rule, _, _ in tidy.check_file(path, text, lambda own: own in others)}


def header(path, body=""):
    guard = cpp.guard_name(path)
    return f"#ifndef {guard}\n#define {guard}\n{body}\n#endif\n"


class LengthsTest(unittest.TestCase):
    def test_header_at_the_limit_and_one_past_it(self):
        text = header("hub/a.h")
        fill = tidy.HEADER_LINES_MAX - text.count("\n")
        self.assertEqual(rules_broken("hub/a.h", text + "\n" * fill), set())
        self.assertEqual(rules_broken("hub/a.h", text + "\n" * (fill + 1)), {"lengths"})

    def test_sources_at_the_limit_and_one_past_it(self):
        for path in ("hub/a.cc", "tests/a.py"):
            self.assertEqual(rules_broken(path, "\n" * tidy.SOURCE_LINES_MAX), set())
            self.assertEqual(rules_broken(path, "\n" * (tidy.SOURCE_LINES_MAX + 1)), {"lengths"})

    def test_columns_count_characters(self):
        self.assertEqual(rules_broken("hub/a.cc", "// " + "ä" * 97), set())
        self.assertEqual(rules_broken("hub/a.cc", "// " + "ä" * 98), {"lengths"})
        self.assertEqual(rules_broken("docs/a.md", "x" * 101), set())


class FunctionsTest(unittest.TestCase):
    def broken(self, head, lines, tail="}\n"):
        return rules_broken("hub/a.cc", head + "  f();\n" * lines + tail)

    def test_a_function_at_the_limit_and_one_past_it(self):
        self.assertEqual(self.broken("void F() {\n", 68), set())
        self.assertEqual(self.broken("void F() {\n", 69), {"functions"})

    def test_every_shape_of_a_head(self):
        heads = (
            "namespace a {\nvoid F() {\n", "class A {\n void F() const override {\n",
            "auto A::F(int a,\n  int b) -> int {\n", "A::A(int a)\n : a_(a) {\n",
            "TEST_F(ATest, Does) {\n", "template <typename T>\nT F(T t) noexcept {\n",
            "void F() ABSL_LOCKS_EXCLUDED(mutex_) {\n", "void F(std::vector<int> v = {}) {\n",
        )
        for head in heads:
            self.assertEqual(self.broken(head, 80, "}\n}\n"), {"functions"}, head)
            self.assertEqual(self.broken(head, 20, "}\n}\n"), set(), head)

    def test_what_is_not_a_function(self):
        for head in ("namespace a {\n", "class A : public B {\n", "struct A {\n", "enum E {\n",
                     "const int kTable[] = {\n", 'extern "C" {\n'):
            self.assertEqual(self.broken(head, 80), set(), head)

    def test_braces_in_comments_literals_and_macros_do_not_count(self):
        text = 'void F() {\n// }\n/* { */ f("}");\nf(\'{\'); f(1\'000);\nf(R"({{)");\n}\n'
        self.assertEqual(list(cpp.function_extents("#define A() {\n" + text)), [(2, 6)])

    def test_inner_blocks_belong_to_their_function(self):
        text = "void F() {\n  if (a) {\n    b();\n  }\n}\nint G() {\n}\n"
        self.assertEqual(list(cpp.function_extents(text)), [(1, 5), (6, 2)])


class WordsTest(unittest.TestCase):
    def test_notes_to_self(self):
        for word in tidy.BANNED_EVERYWHERE:
            self.assertEqual(rules_broken("docs/a.md", f"{word}: later"), {"words"})
            self.assertEqual(rules_broken("hub/a.cc", f"// {word}(me)"), {"words"})

    def test_using_namespace(self):
        self.assertEqual(rules_broken("hub/a.cc", "using namespace std;"), {"words"})
        self.assertEqual(rules_broken("hub/a.cc", "using namespace std::chrono_literals;"), set())
        self.assertEqual(rules_broken("hub/a.cc", "// not: using namespace std;"), set())

    def test_sleeping_is_for_the_awake(self):
        for word in tidy.SLEEPS:
            self.assertEqual(rules_broken("tests/unit/a.cc", f"{word}(1);"), {"words"}, word)
            self.assertEqual(rules_broken("bench/a.cc", f"{word}(1);"), set(), word)

    def test_libraries_do_not_print(self):
        for path in ("hub/a.cc", "client/cpp/src/a.cc", "client/cpp/include/a.cc"):
            self.assertEqual(rules_broken(path, "std::cout << 1;"), {"words"})
            self.assertEqual(rules_broken(path, 'Log("std::cout << 1");'), set())
        self.assertEqual(rules_broken("client/ctl/a.cc", "std::cout << 1;"), set())

    def test_the_pure_core_asks_no_clock(self):
        text = "auto now = std::chrono::steady_clock::now();"
        self.assertEqual(rules_broken("interest/a.cc", text), {"words"})
        self.assertEqual(rules_broken("hub/gateway/a.cc", text), set())


class GuardTest(unittest.TestCase):
    def test_guard(self):
        self.assertEqual(rules_broken("hub/a.h", header("hub/a.h")), set())
        self.assertEqual(rules_broken("hub/a.h", header("hub/b.h")), {"guard"})
        self.assertEqual(rules_broken("hub/a.h", "#pragma once\n"), {"guard"})

    def test_installed_headers_are_named_as_they_are_included(self):
        text = header("sessionhub/client.h")
        self.assertEqual(rules_broken("client/cpp/include/sessionhub/client.h", text), set())


class OwnHeaderFirstTest(unittest.TestCase):
    def test_own_header_first(self):
        good = '#include "hub/a.h"\n#include <map>\n'
        bad = '#include <map>\n#include "hub/a.h"\n'
        self.assertEqual(rules_broken("hub/a.cc", good, "hub/a.h"), set())
        self.assertEqual(rules_broken("hub/a.cc", bad, "hub/a.h"), {"own_header_first"})
        self.assertEqual(rules_broken("hub/a.cc", "", "hub/a.h"), {"own_header_first"})
        self.assertEqual(rules_broken("hub/a.cc", "#include <map>\n"), set())

    def test_installed_headers_may_be_named_short(self):
        text = '#include "sessionhub/value.h"\n'
        own = "proto/sessionhub/value.h"
        self.assertEqual(rules_broken("proto/sessionhub/value.cc", text, own), set())


class LayersTest(unittest.TestCase):
    FORBIDDEN = (
        ("proto/session/a.cc", "interest/interest.h"),
        ("proto/session/a.cc", "hub/record/read_set.h"),
        ("interest/a.cc", "hub/record/read_set.h"),
        ("hub/record/a.h", "interest/interest.h"),
        ("hub/store/a.cc", "hub/journal/journal.h"),
        ("hub/journal/a.cc", "hub/store/store.h"),
        ("hub/store/a.cc", "hub/shard/shard.h"),
        ("hub/store/a.cc", "interest/interest.h"),
        ("hub/journal/a.cc", "hub/gateway/frames.h"),
        ("hub/store/a.cc", "hub/forward/outbox.h"),
        ("hub/forward/a.cc", "hub/gateway/node_stream.h"),
        ("hub/shard/shard.cc", "hub/gateway/node_stream.h"),
        ("hub/shard/shard_machine.cc", "hub/store/store.h"),
        ("hub/shard/plan.cc", "hub/journal/journal.h"),
        ("hub/shard/dedupe.h", "hub/forward/dispatcher.h"),
        ("hub/shard/life.cc", "hub/shard/mailbox.h"),
        ("hub/shard/shard_machine.cc", "mutex"),
        ("hub/forward/catch_up.cc", "hub/store/rocks_store.h"),
        ("hub/forward/catch_up.cc", "hub/shard/shard.h"),
        ("hub/gateway/a.cc", "client/cpp/src/stream.h"),
        ("hub/gateway/a.cc", "sessionhub/client.h"),
        ("hub/options/settings.cc", "hub/hub.h"),
        ("hub/options/settings.cc", "CLI/CLI.hpp"),
        ("client/cpp/src/a.cc", "hub/record/read_set.h"),
        ("hub/a.cc", "tests/support/seed.h"),
        ("client/ctl/a.cc", "bench/load/load.h"),
        ("proto/session/a.cc", "tests/support/seed.h"),
        ("bench/load/a.cc", "tests/support/seed.h"),
        ("hub/journal/a.cc", "rocksdb/db.h"),
        ("hub/shard/a.cc", "rocksdb/db.h"),
        ("hub/shard/a.cc", "grpcpp/grpcpp.h"),
        ("client/cpp/src/near_cache.cc", "grpcpp/grpcpp.h"),
        ("client/cpp/src/near_cache.cc", "sessionhub/v1/hub.grpc.pb.h"),
        ("client/cpp/src/a.cc", "glog/logging.h"),
        ("proto/session/a.cc", "glog/logging.h"),
        ("hub/a.h", "glog/logging.h"),
        ("interest/a.cc", "random"),
        ("proto/session/a.cc", "absl/synchronization/mutex.h"),
        ("bench/demo/checker.cc", "proto/session/path.h"),
        ("bench/demo/checker.cc", "sessionhub/value.h"),
        ("bench/demo/checker.cc", "sessionhub/client.h"),
        ("bench/demo/checker_log.cc", "interest/interest.h"),
        ("bench/demo/checker.cc", "hub/hub.h"),
        ("hub/shard/shard_thread.cc", "hub/metrics/hub_metrics.h"),
        ("hub/gateway/node_stream.cc", "hub/metrics/watch.h"),
        ("hub/hub.cc", "prometheus/counter.h"),
        ("hub/metrics/watch.cc", "civetweb.h"),
    )
    ALLOWED = (
        ("proto/session/a.cc", "sessionhub/v1/delta.pb.h"),
        ("proto/session/a.cc", "absl/status/status.h"),
        ("proto/session/a.cc", "xxhash.h"),
        ("interest/a.cc", "proto/session/ids.h"),
        ("interest/a.cc", "chrono"),
        ("hub/store/a.cc", "rocksdb/db.h"),
        ("hub/store/a.cc", "glog/logging.h"),
        ("hub/store/a.h", "sessionhub/stored/v1/records.pb.h"),
        ("hub/shard/shard.cc", "hub/journal/journal.h"),
        ("hub/shard/life.cc", "hub/shard/plan.h"),
        ("hub/forward/catch_up.cc", "hub/store/store.h"),
        ("hub/gateway/a.cc", "sessionhub/v1/hub.grpc.pb.h"),
        ("hub/hub.cc", "hub/gateway/hub_service.h"),
        ("hub/main.cc", "grpcpp/grpcpp.h"),
        ("hub/options/command_line.cc", "CLI/CLI.hpp"),
        ("hub/options/settings.cc", "hub/config.h"),
        ("client/cpp/src/stream.cc", "grpcpp/grpcpp.h"),
        ("client/cpp/src/a.cc", "sessionhub/client.h"),
        ("client/cpp/src/a.cc", "mutex"),
        ("client/cpp/testing/a.cc", "hub/store/memory_store.h"),
        ("bench/demo/checker.cc", "nlohmann/json.hpp"),
        ("bench/demo/demo.cc", "sessionhub/client.h"),
        ("tests/unit/a.cc", "bench/demo/checker.h"),
        ("hub/metrics/watch.cc", "hub/shard/shard_thread.h"),
        ("hub/metrics/exposition.h", "prometheus/metric_family.h"),
        ("hub/metrics/http_server.cc", "civetweb.h"),
        ("hub/forward/outbox.h", "hub/walk_times.h"),
    )

    def test_forbidden(self):
        for path, included in self.FORBIDDEN:
            with self.subTest(path=path, included=included):
                self.assertTrue(list(layers.violations(path, included)))

    def test_allowed(self):
        for path, included in self.ALLOWED:
            with self.subTest(path=path, included=included):
                self.assertEqual(list(layers.violations(path, included)), [])

    def test_a_file_is_told_the_line(self):
        text = '#include <map>\n\n#include "hub/hub.h"\n'
        findings = [finding for finding in tidy.check_file("interest/a.cc", text)]
        self.assertEqual([(rule, line) for rule, line, _ in findings], [("layers", 3)])


class DocumentedTest(unittest.TestCase):
    def bare(self, *lines):
        """The declarations without a comment, in a namespace that is shown."""
        text = "\n".join(("// A file.", "#include <map>", "", "namespace sessionhub {", "", *lines,
                          "", "}  // namespace sessionhub", ""))
        return [declaration for _, declaration in documented.undocumented(text)]

    def test_every_kind_of_declaration(self):
        for declaration in ("int F();", "class A {};", "struct A {};", "enum class A { kB };",
                            "template <typename T>", "EXPORT int F(int a);", "using A = int;",
                            "inline int F() { return 1; }", "friend bool operator==(A a, A b);"):
            tail = () if declaration[-1] in ";}" else ("T F(T t);",)
            self.assertEqual(len(self.bare(declaration, *tail)), 1, declaration)
            self.assertEqual(self.bare("// Why.", declaration, *tail), [], declaration)

    def test_scopes_and_what_is_in_them(self):
        for head in ("struct A {", "class EXPORT A final {\n public:", "enum class A {"):
            member = "kB," if "enum" in head else "int b = 1;"
            lines = head.split("\n")
            self.assertEqual(self.bare(*lines, f"  {member}", "};"), [lines[0], member], head)
            self.assertEqual(self.bare("// Of A.", *lines, f"  {member}", "};"), [member], head)
            self.assertEqual(
                self.bare("// Of A.", *lines, f"  {member}  // Of b.", "};"), [], head)

    def test_a_comment_above_is_of_the_whole_group_and_one_at_an_end_is_not(self):
        self.assertEqual(self.bare("// Of both.", "int F();", "int G();"), [])
        self.assertEqual(self.bare("// Of F.", "int F();", "", "int G();"), ["int G();"])
        self.assertEqual(self.bare("int F();  // Of F.", "int G();"), ["int G();"])
        self.assertEqual(self.bare("int F();", "// Of G.", "int G();"), ["int F();"])
        self.assertEqual(self.bare("// A chapter.", "", "int G();"), ["int G();"])

    def test_a_declaration_of_several_lines_is_one(self):
        self.assertEqual(self.bare("int F(int a,", "      int b);", "// Of G.", "int G() {",
                                   "  int inner;", "", "  return inner;", "}"),
                         ["int F(int a, int b);"])
        self.assertEqual(self.bare("int F(int a,", "      int b);  // Of F."), [])

    def test_what_silences_a_checker_is_no_comment(self):
        self.assertEqual(len(self.bare("int F();  // NOLINT(some-check)")), 1)
        self.assertEqual(len(self.bare('const char* kA = "// not one";')), 1)

    def test_what_needs_none(self):
        self.assertEqual(self.bare("class A;", "namespace client {", "class B {};", "struct C {",
                                   "  int d;", "};", "}  // namespace client"), [])
        self.assertEqual(self.bare(
            "// Of A.", "class A {", "  int hidden();", "", " public:", "  A(A&&) noexcept;", "",
            "  A& operator=(const A&);", "  ~A();", "", " private:", "  friend class B;",
            "  int also;", "};"), [])
        self.assertEqual(self.bare("// Of A.", "class A {", " private:", "  int a;", "", " public:",
                                   "  explicit A(int b);", "};"), ["explicit A(int b);"])

    def test_what_it_cannot_follow_is_told(self):
        for lines in (("// Of F.", "int F(int a", "", "int G();"), ("// Of A.", "struct A {")):
            self.assertIn("cannot follow", self.bare(*lines)[-1])

    def test_only_installed_headers_must_have_them(self):
        text = header("sessionhub/a.h", "int F();")
        for folder in ("client/cpp/include", "client/cpp/testing/include", "proto"):
            self.assertEqual(rules_broken(f"{folder}/sessionhub/a.h", text), {"documented"})
        self.assertEqual(rules_broken("hub/a.h", header("hub/a.h", "int F();")), set())


class TreeTest(unittest.TestCase):
    def findings(self, exceptions):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "hub").mkdir()
            (root / "build").mkdir()
            (root / "hub/a.h").write_text("int a;\n")
            (root / "build/b.h").write_text("int b;\n")
            kept = dict(tidy.EXCEPTIONS)
            tidy.EXCEPTIONS.clear()
            tidy.EXCEPTIONS.update(exceptions)
            try:
                return list(tidy.check_tree(root))
            finally:
                tidy.EXCEPTIONS.clear()
                tidy.EXCEPTIONS.update(kept)

    def test_findings_name_file_line_and_rule(self):
        self.assertEqual([finding[:15] for finding in self.findings({})], ["hub/a.h:1: guar"])

    def test_an_exception_silences_its_rule_and_file_only(self):
        self.assertEqual(self.findings({("guard", "hub/a.h"): "a reason"}), [])
        self.assertEqual(len(self.findings({("guard", "hub/b.h"): "a reason"})), 2)

    def test_every_exception_has_a_reason(self):
        for key, reason in tidy.EXCEPTIONS.items():
            self.assertGreater(len(reason.split()), 3, key)


if __name__ == "__main__":
    unittest.main()
