// A descriptor of a later API.
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
  out.api_version += 1;
  return out;
}
constexpr amends::PluginDescriptor amends_plugin = misfit();
