// amendsd's flags and variables. One argument a line, `AMENDS_...=` among them as variables.
#include <iostream>
#include <vector>

#include "apps/amendsd/config/config.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

// A file of the input's choice must not be opened.
bool names_a_file(std::string_view word) {
  return word.find("conf") != word.npos || word.find("CONF") != word.npos;
}

}  // namespace

AMENDS_FUZZ_TARGET(command_line) {
  // Help and complaints go to the library's streams; here nobody reads them.
  static const bool quiet = [] {
    std::cout.rdbuf(nullptr);
    std::cerr.rdbuf(nullptr);
    return true;
  }();
  if (!quiet || names_a_file(input) || input.find('\0') != input.npos) return;
  std::vector<std::string> words, variables;
  for (Bytes bytes(input); !bytes.over();) {
    const std::string_view word = bytes.line();
    (word.starts_with("AMENDS_") ? variables : words).emplace_back(word);
  }
  std::vector<const char*> argv{"amendsd"}, environment;
  for (const std::string& word : words) argv.push_back(word.c_str());
  for (const std::string& variable : variables) environment.push_back(variable.c_str());
  argv.push_back(nullptr);
  environment.push_back(nullptr);

  const auto line =
      daemon::read_command_line(static_cast<int>(argv.size() - 1), argv.data(), environment.data());

  AMENDS_HOLDS(!line.exit_code || *line.exit_code == 0 || *line.exit_code == 2,
               "it ends well, or as a usage error");
  for (const std::string& sentence : line.findings.sorted())
    AMENDS_HOLDS(is_sentence(sentence, 16 << 10), "what is wrong is said in printable sentences");
  if (line.exit_code || !line.findings.ok()) return;
  AMENDS_HOLDS(
      line.config.server.allow_unauthenticated || line.config.server.host.find("127.") != std::string::npos ||
          line.config.server.host == "localhost" || line.config.server.host.find("::1") != std::string::npos,
      "without being told to, it serves this machine alone");
}

}  // namespace amends::fuzz
