// What the suite of a shared store needs of a kind of store.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/shared_store.hpp"

namespace amends::engine {

// Tables with a few shards; their leases are short where they are of real time.
class SharedTables {
 public:
  virtual ~SharedTables() = default;
  // As another process would open it; not taken over.
  virtual std::unique_ptr<Store> open() = 0;
  // What the verbs are to be given as the time now.
  virtual WallTime now() = 0;
  // Lets a little time pass; until() calls it between two looks.
  virtual void pass() = 0;
};

struct SharedKind {
  std::string name;
  std::function<std::unique_ptr<SharedTables>()> make_tables;
};

inline constexpr ShardId shared_shards = 8;

std::vector<SharedKind> all_shared_kinds();

}  // namespace amends::engine
