// The store that the configuration names.
#pragma once
#include <memory>
#include <string>

#include "apps/amendsd/config/config.hpp"
#include "engine/ports/store.hpp"

namespace amends::daemon {

struct OpenedStore {
  std::unique_ptr<engine::Store> store;  // nothing when it cannot be opened
  std::string shown, error;
};

OpenedStore open_store(const Config& config);

// A key outlives its saga, which stays for a while after its end.
Millis keys_retention(const Config& config);

}  // namespace amends::daemon
