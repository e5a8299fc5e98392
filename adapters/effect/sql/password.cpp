#include "adapters/effect/sql/password.hpp"

#include <cstdlib>
#include <fstream>

#include "adapters/effect/sql/failure.hpp"

namespace amends::sql {

std::string read_password(const std::string& reference) {
  constexpr std::size_t bytes_max = 4096;
  if (reference.empty()) return {};
  std::string value;
  if (reference.starts_with("env:")) {
    const char* found = std::getenv(reference.c_str() + 4);
    if (found != nullptr) value = found;
  } else {
    std::ifstream file(reference.substr(5), std::ios::binary);
    value.resize(bytes_max + 1);
    file.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(file.gcount()));
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  }
  if (value.empty() || value.size() > bytes_max || value.find('\0') != std::string::npos)
    throw Failure{Phase::connect, Trouble::refused, "no_credential",
                  "the endpoint's password cannot be read"};
  return value;
}

}  // namespace amends::sql
