#include "workflows/host/plugin_entry.hpp"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <optional>

#include "engine/base/text.hpp"

namespace amends::engine {
namespace {

// The symbol's address when it is an object large enough to be read as a descriptor.
const PluginDescriptor* find_descriptor(void* library) {
  void* symbol = ::dlsym(library, "amends_plugin");
  if (symbol == nullptr) return nullptr;
  Dl_info info{};
  const ElfW(Sym)* entry = nullptr;
  void* extra = nullptr;
  if (::dladdr1(symbol, &info, &extra, RTLD_DL_SYMENT) == 0) return nullptr;
  entry = static_cast<const ElfW(Sym)*>(extra);
  if (entry == nullptr || ELF64_ST_TYPE(entry->st_info) != STT_OBJECT ||
      entry->st_size < sizeof(PluginDescriptor))
    return nullptr;
  return static_cast<const PluginDescriptor*>(symbol);
}

std::optional<std::string> wrong_with(const PluginDescriptor& plugin) {
  if (plugin.magic != plugin_magic) return "is not an Amends plugin (its descriptor has another magic)";
  if (plugin.api_version != plugin_api_version)
    return "speaks plugin API version " + std::to_string(plugin.api_version) + ", this engine speaks " +
           std::to_string(plugin_api_version) + "; build it against this engine's headers";
  if (plugin.struct_size != sizeof(PluginDescriptor)) return "has a descriptor of another size";
  const std::string_view field(plugin.abi_stamp.data(), plugin.abi_stamp.size());
  const std::string_view stamp = field.substr(0, field.find('\0'));
  if (stamp != AMENDS_ABI_STAMP)
    return "was built by '" + escape_controls(stamp) + "', this engine by '" AMENDS_ABI_STAMP "'";
  if (plugin.enrol == nullptr) return "has no enrol function";
  return std::nullopt;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace

std::variant<void (*)(Registry&), Reason> load_plugin(OpenFile file, const std::string& path) {
  // Loaded by descriptor, so that the file that was checked is the file that runs. By /proc/PID rather than
  // /proc/self: a debugger resolves the name in its own process.
  const std::string opened = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file.fd());
  void* library = ::dlopen(opened.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* error = ::dlerror();
    return Reason{"cannot be loaded: " +
                  replaced(error != nullptr ? error : "no reason given", opened, path)};
  }
  // From here the descriptor stays open for the life of the process: the loader knows libraries by name, and
  // the next file under the same number would be taken for this one.
  file.release();
  const PluginDescriptor* plugin = find_descriptor(library);
  if (plugin == nullptr)
    return Reason{"is not an Amends plugin (no descriptor 'amends_plugin'; AMENDS_PLUGIN makes one)"};
  if (auto wrong = wrong_with(*plugin)) return Reason{*wrong};
  return plugin->enrol;
}

}  // namespace amends::engine
