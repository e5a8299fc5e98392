// A descriptor with another magic; running its enrol function would abort.
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
  out.magic[0] = 'A';
  return out;
}
constexpr amends::PluginDescriptor amends_plugin = misfit();
