#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {

Problem problem_of(engine::ServiceError error, std::string sentence) {
  using engine::ServiceError;
  switch (error) {
    case ServiceError::none: break;
    case ServiceError::invalid:
      return {400, "invalid-request", "The request is not valid", std::move(sentence)};
    case ServiceError::unknown_workflow:
      return {422, "unknown-workflow", "No such workflow is loaded", std::move(sentence)};
    case ServiceError::unknown_version:
      return {422, "unknown-version", "No such version is loaded", std::move(sentence)};
    case ServiceError::key_conflict:
      return {422, "key-conflict", "The key was used for something else", std::move(sentence)};
    case ServiceError::not_found: return {404, "not-found", "Not found", std::move(sentence)};
    case ServiceError::already_over: return {409, "already-over", "The saga is over", std::move(sentence)};
    case ServiceError::too_late:
      return {409, "too-late", "The point of no return was passed", std::move(sentence)};
    case ServiceError::refused:
      return {409, "refused", "It does not fit the saga's state", std::move(sentence)};
    case ServiceError::unavailable: return {503, "unavailable", "Not now", std::move(sentence)};
    case ServiceError::disk_full: return {507, "disk-full", "The store has no room", std::move(sentence)};
    case ServiceError::stopping: return {503, "stopping", "The daemon is stopping", std::move(sentence)};
  }
  return {500, "internal-error", "Internal error", "The request failed inside the server."};
}

rest::Answer refusal(engine::ServiceError error, std::string sentence) {
  rest::Answer out = problem(problem_of(error, std::move(sentence)));
  if (out.status == 503 || out.status == 507) out.headers.push_back({"Retry-After", "1"});
  return out;
}

rest::Answer bad_request(std::string sentence) {
  return refusal(engine::ServiceError::invalid, std::move(sentence));
}

}  // namespace amends::rest
