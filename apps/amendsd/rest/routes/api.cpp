#include "apps/amendsd/rest/routes/api.hpp"

#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {

Api::Api(ApiParts parts) : parts_(std::move(parts)) {
  add_starts();
  add_sagas();
  add_commands();
  add_workflows();
  add_sharing();
  add_health();
}

void Api::mount_on(Router& router) {
  mount(routes_, router);
}

engine::SagaId saga_of(const httplib::Request& request) {
  const auto id = engine::SagaId::parse(path_part(request, 0));
  if (!id)
    throw BadRequest{"the path does not hold a saga's id, such as 0192d3a4-5b6c-7000-8000-000000000000"};
  return *id;
}

}  // namespace amends::rest
