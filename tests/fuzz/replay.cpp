// Runs a target over the files that once were interesting, built like the tests: CI needs no clang for it.
//
//   fuzz_replay TARGET FILE|DIRECTORY...
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

std::map<std::string, Run>& targets() {
  static std::map<std::string, Run> all;
  return all;
}

// Of the input that runs now; a signal handler may only read what is there already.
std::string now;

void name_it(int number) {
  constexpr char words[] = "crashed by ";
  [[maybe_unused]] auto ignored = ::write(STDERR_FILENO, words, sizeof words - 1);
  ignored = ::write(STDERR_FILENO, now.data(), now.size());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::vector<std::filesystem::path> files_of(const char* where) {
  std::vector<std::filesystem::path> out;
  if (std::filesystem::is_regular_file(where)) return {where};
  if (!std::filesystem::is_directory(where)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(where))
    if (entry.is_regular_file()) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

int replay(Run run, const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files) {
    now = file.string() + "\n";
    std::ifstream in(file, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(in), {}};
    try {
      run(input);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "thrown: %s\n", e.what());
      std::abort();
    }
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;  // nothing replayed proves nothing
}

}  // namespace

Registration::Registration(const char* name, Run run) {
  targets()[name] = run;
}

int main(int argc, char** argv) {
  const auto found = argc < 3 ? targets().end() : targets().find(argv[1]);
  if (found == targets().end()) {
    std::fprintf(stderr, "usage: fuzz_replay TARGET FILE|DIRECTORY...    targets:");
    for (const auto& [name, run] : targets()) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, name_it);
  std::vector<std::filesystem::path> files;
  for (int i = 2; i < argc; ++i)
    for (const auto& file : files_of(argv[i])) files.push_back(file);
  return replay(found->second, files);
}

}  // namespace amends::fuzz

int main(int argc, char** argv) {
  return amends::fuzz::main(argc, argv);
}
