// A descriptor that says it has another size.
#include <amends/plugin.hpp>
#include <cstdlib>

extern "C" {
extern const amends::PluginDescriptor amends_plugin;
}
static void enrol(amends::Registry&) {
  std::abort();
}

static constexpr amends::PluginDescriptor misfit() {
  amends::PluginDescriptor out = amends::detail::describe(&enrol);
  out.struct_size = 8;
  return out;
}
constexpr amends::PluginDescriptor amends_plugin = misfit();
