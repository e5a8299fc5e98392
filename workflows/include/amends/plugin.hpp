// How a plugin offers its workflows to the host.
//
//     AMENDS_PLUGIN(registry) {
//       registry.add("fulfil-order", 1, fulfil_order::define);
//     }
#pragma once
#include <amends/plan.hpp>
#include <array>

namespace amends {

inline constexpr std::uint32_t plugin_api_version = 3;

#define AMENDS_TEXT_(x) #x
#define AMENDS_TEXT(x) AMENDS_TEXT_(x)
// Two binaries may exchange C++ objects when these agree: compiler, string and list layout, hardened
// iterators, the JSON library.
#define AMENDS_ABI_STAMP                                                                        \
  "gcc" AMENDS_TEXT(__GNUC__) "-cxxabi" AMENDS_TEXT(__GXX_ABI_VERSION) "-cxx11abi" AMENDS_TEXT( \
      _GLIBCXX_USE_CXX11_ABI) AMENDS_ABI_DEBUG                                                  \
      "-json" AMENDS_TEXT(NLOHMANN_JSON_VERSION_MAJOR) "." AMENDS_TEXT(NLOHMANN_JSON_VERSION_MINOR)
#ifdef _GLIBCXX_DEBUG
#define AMENDS_ABI_DEBUG "-debug"
#else
#define AMENDS_ABI_DEBUG ""
#endif

// What the workflows of one plugin are collected in. One thread.
class Registry {
 public:
  struct Entry {
    std::string workflow;
    std::uint32_t version = 0;
    std::unique_ptr<Graph> graph;       // at a fixed address: Refs remember it
    std::function<void(Graph&)> build;  // runs define()
  };

  // Versions are whole numbers from 1, never reused. A saga ends on the version on which it began, so go on
  // adding an old version while any of its sagas lives. define() runs once, soon after.
  template <class Input>
  void add(std::string workflow, std::uint32_t version, void (*define)(Plan<Input>&)) {
    Entry entry{std::move(workflow), version, std::make_unique<Graph>(), {}};
    entry.build = [define](Graph& graph) {
      Plan<Input> plan(graph);
      define(plan);
    };
    entries_.push_back(std::move(entry));
  }
  template <class Define>
  void add(std::string, std::uint32_t, Define) {
    static_assert(detail::never<Define>, "amends: define is a function void(amends::Plan<Input>&)");
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// The plugin's only exported symbol, `amends_plugin`. C layout: the host reads all of it before it lets any
// C++ object pass.
struct PluginDescriptor {
  std::array<char, 8> magic;       // "amends" and two NULs
  std::uint32_t struct_size;       // sizeof(PluginDescriptor)
  std::uint32_t api_version;       // plugin_api_version
  std::array<char, 64> abi_stamp;  // AMENDS_ABI_STAMP, NUL-terminated
  void (*enrol)(Registry&);
};

inline constexpr std::array<char, 8> plugin_magic{'a', 'm', 'e', 'n', 'd', 's'};

namespace detail {
consteval PluginDescriptor describe(void (*enrol)(Registry&)) {
  PluginDescriptor out{plugin_magic, sizeof(PluginDescriptor), plugin_api_version, {}, enrol};
  constexpr std::string_view stamp = AMENDS_ABI_STAMP;
  static_assert(stamp.size() < sizeof(out.abi_stamp));
  for (std::size_t i = 0; i < stamp.size(); ++i) out.abi_stamp[i] = stamp[i];
  return out;
}
}  // namespace detail

}  // namespace amends

#define AMENDS_PLUGIN(registry)                                                                         \
  static void amends_enrol(::amends::Registry& registry);                                               \
  extern "C" {                                                                                          \
  extern const ::amends::PluginDescriptor amends_plugin __attribute__((visibility("default")));         \
  }                                                                                                     \
  constinit const ::amends::PluginDescriptor amends_plugin = ::amends::detail::describe(&amends_enrol); \
  static void amends_enrol(::amends::Registry& registry)
