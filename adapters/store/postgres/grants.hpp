// Least privilege: who migrates owns the tables, an engine may do what its statements do, a reader may look.
#pragma once
#include <string>
#include <string_view>

namespace amends::postgres {

// SQL to be run by the tables' owner; both roles must exist. Safe twice.
std::string grants(std::string_view engine_role, std::string_view reader_role);
// What a role may do that starts sagas and gives commands from SQL, and nothing else.
std::string client_grants(std::string_view client_role);

}  // namespace amends::postgres
