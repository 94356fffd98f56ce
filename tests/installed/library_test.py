#!/usr/bin/env python3
"""What the installed libraries show and need, and what their code never calls.

Environment: SESSIONHUB_TREE, where `cmake --install` has put everything; SESSIONHUB_SONAME.
"""

import os
import pathlib
import unittest

import symbols

TREE = pathlib.Path(os.environ["SESSIONHUB_TREE"])
SHARED = TREE / "lib/libsessionhub_client.so"
STATIC = TREE / "lib/libsessionhub_client.a"


def public_names():
    return symbols.public_names(
        header.read_text(encoding="utf-8") for header in (TREE / "include").rglob("*.h"))


class SharedLibrary(unittest.TestCase):
    def test_shows_the_public_interface_and_nothing_else(self):
        shown = symbols.exported(SHARED)
        self.assertEqual(symbols.strangers(shown, public_names()), [])
        self.assertEqual(symbols.hidden(shown, public_names()), set())

    def test_has_a_name_that_changes_with_its_interface(self):
        self.assertEqual(symbols.dynamic(SHARED, "SONAME"), [os.environ["SESSIONHUB_SONAME"]])
        self.assertTrue((TREE / "lib" / os.environ["SESSIONHUB_SONAME"]).exists())

    def test_needs_nothing_of_the_hub(self):
        needed = symbols.dynamic(SHARED, "NEEDED")
        self.assertIn("libgrpc++", " ".join(needed))
        for library in ("glog", "gflags", "rocksdb"):
            self.assertNotIn(library, " ".join(needed))


class OwnCode(unittest.TestCase):
    def test_never_ends_the_process_throws_prints_or_reads_the_environment(self):
        code = symbols.own_code(STATIC)
        self.assertIn("<_ZN10sessionhub6Client7Connect", code)
        is_optimised = os.environ["SESSIONHUB_OPTIMISED"] == "1"
        self.assertEqual(list(symbols.banned_calls(code, is_optimised)), [])


class Rules(unittest.TestCase):
    """The rules can fail."""

    def test_marks_are_found(self):
        header = """
            class SESSIONHUB_EXPORT Client {
              friend SESSIONHUB_EXPORT bool operator==(const Client& a, const Client& b);
            };
            struct SESSIONHUB_EXPORT Plain {};  // class SESSIONHUB_EXPORT Comment
            SESSIONHUB_EXPORT absl::StatusOr<std::string> NewId(int bits);
            class Hidden {};"""
        self.assertEqual(symbols.public_names([header]), {"Client", "operator==", "Plain", "NewId"})

    def test_only_public_names_are_at_home(self):
        names = {"Client", "operator==", "NewId"}
        public = ["sessionhub::Client::Close()", "vtable for sessionhub::Client",
                  "sessionhub::NewId[abi:cxx11](int)", "typeinfo name for sessionhub::Client",
                  "sessionhub::operator==(sessionhub::Client const&, sessionhub::Client const&)"]
        self.assertEqual(symbols.strangers(public, names), [])
        others = ["sessionhub::client::ClientImpl::Start()", "sessionhub::v1::Delta::Clear()",
                  "sessionhub::Path::text() const", "sessionhub::ClientX::Close()",
                  "google::protobuf::Message::~Message()", "vtable for sessionhub::v1::Delta",
                  "std::vector<sessionhub::Client>::push_back()", "grpc::Channel::Channel()",
                  "void absl::Format<sessionhub::Client>()", "_start"]
        self.assertEqual(symbols.strangers(others, names), others)

    def test_a_public_name_without_symbols_is_found(self):
        self.assertEqual(symbols.hidden(["sessionhub::Client::Close()"], {"Client", "NewId"}),
                         {"NewId"})

    def test_calls_are_found_with_the_function_that_makes_them(self):
        code = """
0000000000000008 <_ZN10sessionhub6Client4GoodEv>:
   8:   call   d <_ZN10sessionhub6Client4GoodEv+0x5>
                        9: R_X86_64_PLT32       snprintf-0x4
                        9: R_X86_64_PLT32       _ZN10sessionhub5abortEv-0x4
0000000000000018 <_ZN8nlohmann6parserIN10sessionhub4TreeEEC1Ev>:
                        19: R_X86_64_PLT32      __assert_fail-0x4
0000000000000028 <_ZNK10sessionhub6Client3BadEv>:
                        29: R_X86_64_PLT32      abort-0x4
                        39: R_X86_64_REX_GOTPCRELX      _ZSt4cout@GLIBCXX_3.4-0x4
0000000000000048 <_ZZN10sessionhub6Client3BadEvENKUlvE_clEv>:
                        49: R_X86_64_PLT32      _ZSt9terminatev-0x4
0000000000000058 <_ZL7Failingv>:
                        59: R_X86_64_PLT32      __cxa_throw
"""
        self.assertEqual(list(symbols.banned_calls(code)),
                         [("_ZNK10sessionhub6Client3BadEv", "abort"),
                          ("_ZNK10sessionhub6Client3BadEv", "_ZSt4cout"),
                          ("_ZZN10sessionhub6Client3BadEvENKUlvE_clEv", "_ZSt9terminatev"),
                          ("_ZL7Failingv", "__cxa_throw")])


if __name__ == "__main__":
    unittest.main()
