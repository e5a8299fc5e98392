#include "engine/service/answer.hpp"

namespace amends::engine {

std::string_view name_of(ServiceError error) {
  switch (error) {
    case ServiceError::none: return "none";
    case ServiceError::invalid: return "invalid";
    case ServiceError::unknown_workflow: return "unknown_workflow";
    case ServiceError::unknown_version: return "unknown_version";
    case ServiceError::key_conflict: return "key_conflict";
    case ServiceError::not_found: return "not_found";
    case ServiceError::already_over: return "already_over";
    case ServiceError::too_late: return "too_late";
    case ServiceError::refused: return "refused";
    case ServiceError::unavailable: return "unavailable";
    case ServiceError::disk_full: return "disk_full";
    case ServiceError::stopping: return "stopping";
  }
  return "none";
}

}  // namespace amends::engine
