#include "engine/service/sharing.hpp"

#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {

void Api::add_sharing() {
  routes_.push_back({"GET",
                     "/v1/engines",
                     "The engines that share the store, and who owns which shard",
                     {},
                     "",
                     {{200, "All of them; none where one engine has its store alone", "Engines"},
                      {400, "There is no such parameter", "Problem"},
                      {503, "The store cannot be read now", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query(request).finish();
                       const auto sharing = parts_.service.sharing();
                       if (!sharing.ok()) return put(refusal(sharing.error, sharing.sentence), response);
                       put({.status = 200, .body = engine::canonical(sharing.value)}, response);
                     }});
}

}  // namespace amends::rest
