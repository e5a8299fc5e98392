#include "engine/service/sharing.hpp"

#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {

void Api::add_sharing() {
  routes_.push_back(
      {"GET",
       "/v1/engines",
       "The engines that share the store, who owns which shard, and what waits for its owner",
       {},
       "",
       {{200, "All of them; this one where it has its store alone", "Engines"},
        {400, "There is no such parameter", "Problem"},
        {503, "The store cannot be read now", "Problem"}},
       [this](const httplib::Request& request, httplib::Response& response) {
         Query(request).finish();
         auto sharing = parts_.service.sharing();
         if (!sharing.ok()) return put(refusal(sharing.error, sharing.sentence), response);
         const auto seen = parts_.sharing != nullptr ? parts_.sharing->last() : std::nullopt;
         if (seen && seen->free_since)
           sharing.value["free_for_ms"] =
               std::chrono::duration_cast<engine::Millis>(parts_.clock.elapsed() - *seen->free_since).count();
         put({.status = 200, .body = engine::canonical(sharing.value)}, response);
       }});
}

}  // namespace amends::rest
