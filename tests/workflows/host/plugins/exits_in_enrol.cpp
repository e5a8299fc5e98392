// Ends the process where it should enrol.
#include <amends/workflow.hpp>
#include <cstdlib>

AMENDS_PLUGIN(registry) {
  (void)registry;
  std::_Exit(3);
}
