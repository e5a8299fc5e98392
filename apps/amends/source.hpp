// Where a reading command gets its data: a daemon over REST, or a store directly (--store). Same JSON either
// way.
#pragma once
#include <memory>
#include <string>

#include "apps/amends/context.hpp"

namespace amends::cli {

struct ListQuery {
  std::string workflow = {}, state = {}, key = {};
  std::string since = {}, before = {};  // RFC 3339, of the start
  std::vector<std::string> tags = {};   // "name=value"
  std::uint32_t limit = 50;             // in all, over pages
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Json saga(const std::string& id) = 0;                                 // saga_view
  virtual Json journal(const std::string& id) = 0;                              // journal_view, all rows
  virtual Json rollback(const std::string& id) = 0;                             // rollback_view
  virtual Json begin_with(const std::string& prefix, std::uint32_t limit) = 0;  // array of listed_view
  virtual Json list(const ListQuery& query) = 0;                                // array of listed_view
};

std::unique_ptr<Source> open_source(const Context& context);

// The id of the only saga whose id begins with `text`; a whole id is taken as it is. Throws Stop: usage when
// several do, not_found when none does.
std::string whole_id(const std::string& text, Source& source);

}  // namespace amends::cli
