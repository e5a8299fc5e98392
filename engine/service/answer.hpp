// Why the service could not do what was asked: a closed list, each with a sentence for people.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace amends::engine {

enum class ServiceError : std::uint8_t {
  none,
  invalid,  // what was asked is malformed; it will never work
  unknown_workflow,
  unknown_version,
  key_conflict,  // the key was used for another body
  not_found,
  already_over,  // the saga has ended
  too_late,      // cancel: the point of no return was passed
  refused,       // it does not fit the saga's state
  unavailable,   // not now, or nobody knows; asking again is safe
  disk_full,
  stopping,
};
// Stable: "not_found", ...
std::string_view name_of(ServiceError error);

template <typename T>
struct Answer {
  ServiceError error = ServiceError::none;
  std::string sentence;  // for every error
  T value{};

  bool ok() const { return error == ServiceError::none; }
};

}  // namespace amends::engine
