#include "tests/support/seed.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace sessionhub::testing {
namespace {

constexpr uint64_t kDefaultSeed = 20240229;

// What the handler of SIGABRT prints, which may allocate nothing.
char g_last_words[512];

// A check of the code under test that fails ends the process before a failure can be reported.
void OnAbort(int signal) {
  const ssize_t written = write(STDERR_FILENO, g_last_words, strnlen(g_last_words, 512));
  static_cast<void>(written);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// For as long as a case runs.
class LastWords {
 public:
  explicit LastWords(const std::string& line) {
    std::strncpy(g_last_words, line.c_str(), sizeof(g_last_words) - 1);
    before_ = std::signal(SIGABRT, OnAbort);
  }
  ~LastWords() { std::signal(SIGABRT, before_); }
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

 private:
  void (*before_)(int) = SIG_DFL;
};

// The command that runs this case, and no other case or test.
std::string CommandOf(uint64_t seed, int number) {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return "SESSIONHUB_SEED=" + std::to_string(seed) + ":" + std::to_string(number) + " " +
         program_invocation_name + " --gtest_filter=" + test->test_suite_name() + "." +
         test->name();
}

std::string SeedText() {
  const char* text = std::getenv("SESSIONHUB_SEED");
  return text ? text : "";
}

// The case that SESSIONHUB_SEED names, or -1.
int OnlyCase() {
  const std::string text = SeedText();
  const size_t colon = text.find(':');
  return colon == std::string::npos ? -1 : std::atoi(text.c_str() + colon + 1);
}

void RunCase(uint64_t seed, int number, const std::function<void(Random&)>& body) {
  const std::string command = "to repeat: " + CommandOf(seed, number);
  SCOPED_TRACE(command);
  const LastWords last_words(command + "\n");
  std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                         static_cast<uint32_t>(number)};
  Random random(sequence);
  body(random);
}

}  // namespace

uint64_t Seed() {
  const std::string text = SeedText();
  return text.empty() ? kDefaultSeed : std::strtoull(text.c_str(), nullptr, 10);
}

void ForEachCase(int count, const std::function<void(Random&)>& body) {
  const int only = OnlyCase();
  if (only >= 0) return RunCase(Seed(), only, body);
  for (int number = 0; number < count && !::testing::Test::HasFailure(); ++number) {
    RunCase(Seed(), number, body);
  }
}

}  // namespace sessionhub::testing
