#include "adapters/effect/sql/password.hpp"

#include "adapters/effect/sql/failure.hpp"
#include "adapters/secret.hpp"

namespace amends::sql {

std::string read_password(const std::string& reference) {
  constexpr std::size_t bytes_max = 4096;
  if (reference.empty()) return {};
  std::string value = adapters::read_secret(reference, bytes_max);
  if (value.empty() || value.size() > bytes_max || value.find('\0') != std::string::npos)
    throw Failure{Phase::connect, Trouble::refused, "no_credential",
                  "the endpoint's password cannot be read"};
  return value;
}

}  // namespace amends::sql
