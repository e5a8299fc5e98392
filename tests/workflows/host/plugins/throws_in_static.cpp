// A static initialiser throws, which nobody can catch behind dlopen.
#include <amends/workflow.hpp>
#include <stdexcept>

namespace {
const int boom = [] {
  throw std::runtime_error("before main");
  return 1;
}();
}  // namespace

AMENDS_PLUGIN(registry) {
  (void)registry, (void)boom;
}
