// What doctor, engines and shards say about engines that share a store.
#pragma once
#include <string>
#include <vector>

#include "apps/amends/context.hpp"

namespace amends::cli {

// Of the daemon, or of --store: what GET /v1/engines answers.
Json read_sharing(const Context& context);

// "4.2 s left", "over for 3 min"; "heard of ... ago" of one that has none any more.
std::string lease_text(const Json& engine);

struct Check {
  bool good = true;
  std::string sentence;
  std::vector<std::string> details = {};
};

// What an operator should know of it; nothing of a store that is not shared.
std::vector<Check> examine_sharing(const Json& sharing);

}  // namespace amends::cli
