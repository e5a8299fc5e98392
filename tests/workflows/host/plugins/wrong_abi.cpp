// A descriptor of another compiler.
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
  out.abi_stamp.fill('x');
  return out;
}
constexpr amends::PluginDescriptor amends_plugin = misfit();
