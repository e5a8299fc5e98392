// What the suite needs of a kind of store. A new store joins by adding one to all_store_kinds().
#pragma once
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "engine/ports/store.hpp"

namespace amends::engine {

// One set of tables, empty at first, gone with the object.
class Tables {
 public:
  virtual ~Tables() = default;
  // A store over these tables, as another process would open it; not taken over. Several may live at once.
  virtual std::unique_ptr<Store> open() = 0;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<Tables>()> make_tables;
  // Whether text may hold NUL. A store that cannot keep it refuses the flush for its data.
  bool keeps_nul = true;
};

inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

std::vector<StoreKind> all_store_kinds();

}  // namespace amends::engine
