// Rare ways that are always right to take, so that a simulation can make them common: a page of one row, a
// renewal that comes early, a batch that is cut short. After FoundationDB's BUGGIFY.
//
//     const std::size_t page = AMENDS_BUGGIFY("tiny page") ? 1 : page_max;
//
// Compiled in by AMENDS_FAILPOINTS, false in a release. The same hook carries planted bugs, which are never
// right: a test switches one on and wants to see it found.
#pragma once
#include <string_view>

namespace amends::engine {

class RareWays {
 public:
  virtual ~RareWays() = default;
  virtual bool takes(std::string_view point) = 0;
  virtual bool is_planted(std::string_view bug) = 0;
};

// Nobody's, unless a simulation runs on this thread.
inline thread_local RareWays* rare_ways = nullptr;

}  // namespace amends::engine

#ifdef AMENDS_FAILPOINTS
#define AMENDS_BUGGIFY(point) (::amends::engine::rare_ways && ::amends::engine::rare_ways->takes(point))
#define AMENDS_PLANTED(bug) (::amends::engine::rare_ways && ::amends::engine::rare_ways->is_planted(bug))
#else
#define AMENDS_BUGGIFY(point) false
#define AMENDS_PLANTED(bug) false
#endif
