// The right symbol, too short to be a descriptor.
extern "C" {
extern const int amends_plugin;
}
const int amends_plugin = 1;
