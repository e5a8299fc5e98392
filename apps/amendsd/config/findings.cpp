#include <algorithm>
#include <cstring>

#include "apps/amendsd/config/config.hpp"
#include "engine/base/text.hpp"

namespace amends::daemon {

std::string ConfigFindings::about(const std::string& key, const std::string& what) const {
  const auto place = places.find(key);
  return (place == places.end() ? "" : place->second + ": ") + "'" + engine::escape_controls(key) + "' " +
         what;
}

bool ConfigFindings::says_about(const std::string& key) const {
  const std::string quoted = "'" + engine::escape_controls(key) + "'";
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(quoted) != std::string::npos; });
}

std::vector<std::string> ConfigFindings::sorted() const {
  std::vector<std::string> out = sentences;
  out.insert(out.end(), warnings.begin(), warnings.end());
  // By version order, so that line 10 comes after line 9.
  std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) {
    return ::strverscmp(a.c_str(), b.c_str()) < 0;
  });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace amends::daemon
