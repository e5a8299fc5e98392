// Plugins that are refused: each with its reason, and the others still load.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "workflows/host/host.hpp"
#include "workflows/host/trial.hpp"

namespace amends::engine {
namespace {

namespace fs = std::filesystem;

const std::string good = PLUGINS "/fulfil_order.so";

// The reasons for which `path` is refused. A sound plugin loaded before and one loaded after must not notice.
std::vector<std::string> reasons(const std::string& path) {
  const Host host({good, path, PLUGINS "/test/two_versions.so"});
  EXPECT_TRUE(host.find_plan("fulfil-order")) << "the plugin before";
  EXPECT_TRUE(host.find_plan("two-versions")) << "the plugin after";
  EXPECT_EQ(host.plans().size(), 3u);
  std::vector<std::string> out;
  for (const Refusal& refusal : host.refusals()) {
    EXPECT_EQ(refusal.path, path);
    out.push_back(refusal.reason);
  }
  return out;
}

std::string reason(const std::string& path) {
  const auto all = reasons(path);
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? "" : all.front();
}

std::string test_plugin(const std::string& name) {
  return PLUGINS "/test/" + name + ".so";
}

// A directory for files that are made to be refused.
class RefusedFile : public testing::Test {
 protected:
  RefusedFile() {
    std::string name = testing::TempDir() + "amends-host-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    dir = name;
  }
  ~RefusedFile() override { fs::remove_all(dir); }

  std::string copy_of_good() {
    const fs::path copy = dir / "copy.so";
    fs::copy_file(good, copy, fs::copy_options::overwrite_existing);
    ::chmod(copy.c_str(), 0755);
    return copy;
  }
  std::string file_with(std::string_view text) {
    const fs::path path = dir / "file.so";
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0644);
    return path;
  }

  fs::path dir;
};

TEST_F(RefusedFile, ARelativePath) {
  EXPECT_EQ(reason("fulfil_order.so"), "the path is not absolute");
}
TEST_F(RefusedFile, AnEmptyPath) {
  EXPECT_EQ(reason(""), "the path is not absolute");
}
TEST_F(RefusedFile, AFileThatIsNotThere) {
  EXPECT_EQ(reason(dir / "none.so"), "cannot be opened: No such file or directory");
}
TEST_F(RefusedFile, ADirectory) {
  EXPECT_EQ(reason(dir), "is not a regular file");
}
TEST_F(RefusedFile, AFifoWithoutWaitingForItsWriter) {
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(reason(dir / "fifo"), "is not a regular file");
}
TEST_F(RefusedFile, ASymbolicLink) {
  fs::create_symlink(good, dir / "link.so");
  EXPECT_EQ(reason(dir / "link.so"), "is a symbolic link");
}
TEST_F(RefusedFile, AFileThatItsGroupOrOthersMayWrite) {
  const std::string path = copy_of_good();
  for (const mode_t mode : {0775, 0757, 0777}) {
    ::chmod(path.c_str(), mode);
    EXPECT_EQ(reason(path), "may be written by its group or by others (chmod go-w makes it acceptable)");
  }
}
TEST_F(RefusedFile, AFileOfAnotherUser) {
  const std::string path = copy_of_good();
  if (::chown(path.c_str(), 12345, 0) != 0) GTEST_SKIP() << "skipped: needs root";
  EXPECT_EQ(reason(path), "is owned by neither root nor the engine's user");
}
TEST_F(RefusedFile, ATextFile) {
  EXPECT_EQ(reason(file_with("int main() {}\n")), "is not a shared object (no ELF header)");
  EXPECT_EQ(reason(file_with("")), "is not a shared object (no ELF header)");
}
TEST_F(RefusedFile, AProgram) {
  // The test itself is a position-independent executable, which looks like a shared object until it is
  // loaded.
  const fs::path copy = dir / "program.so";
  fs::copy_file("/proc/self/exe", copy);
  ::chmod(copy.c_str(), 0755);
  EXPECT_NE(reason(copy).find("cannot be loaded: "), std::string::npos);
}
TEST_F(RefusedFile, APluginCutOffAnywhere) {
  const auto whole = fs::file_size(good);
  for (const auto bytes : {std::uintmax_t{4}, std::uintmax_t{63}, std::uintmax_t{64}, std::uintmax_t{300},
                           whole / 4, whole / 2, whole - whole / 10, whole - 1}) {
    const std::string path = copy_of_good();
    fs::resize_file(path, bytes);
    const std::string why = reason(path);
    EXPECT_TRUE(why == "is cut off" || why == "is not a shared object (no ELF header)")
        << bytes << ": " << why;
  }
}

TEST(RefusedPlugin, OneWithoutADescriptor) {
  const std::string why = "is not an Amends plugin (no descriptor 'amends_plugin'; AMENDS_PLUGIN makes one)";
  EXPECT_EQ(reason(test_plugin("no_symbol")), why);
  EXPECT_EQ(reason(test_plugin("short_symbol")), why);
}
TEST(RefusedPlugin, OneWithAnotherMagicBeforeItsCodeRuns) {
  EXPECT_EQ(reason(test_plugin("wrong_magic")), "is not an Amends plugin (its descriptor has another magic)");
}
TEST(RefusedPlugin, OneOfAnotherApiVersionBeforeItsCodeRuns) {
  EXPECT_EQ(reason(test_plugin("wrong_api")),
            "speaks plugin API version 4, this engine speaks 3; build it against this engine's headers");
}
TEST(RefusedPlugin, OneOfAnotherAbiBeforeItsCodeRuns) {
  EXPECT_EQ(reason(test_plugin("wrong_abi")).find("was built by 'xxxxxxxx"), 0u);
}
TEST(RefusedPlugin, OneWhoseDescriptorHasAnotherSize) {
  EXPECT_EQ(reason(test_plugin("wrong_size")), "has a descriptor of another size");
}
TEST(RefusedPlugin, OneThatNeedsWhatNobodyHas) {
  const std::string path = test_plugin("unresolved");
  const std::string why = reason(path);
  EXPECT_EQ(why.find("cannot be loaded: " + path), 0u) << why;
  EXPECT_NE(why.find("nobody_has_this_function"), std::string::npos) << why;
}
TEST(RefusedPlugin, OneThatOffersNothing) {
  EXPECT_EQ(reason(test_plugin("no_workflow")), "offers no workflow");
}

TEST(RefusedPlugin, OneThatThrowsWhereItShouldEnrol) {
  EXPECT_EQ(reason(test_plugin("throws_std_in_enrol")), "its enrol function threw: no \\x1b[2J licence");
  EXPECT_EQ(reason(test_plugin("throws_int_in_enrol")),
            "its enrol function threw: something was thrown that is not a std::exception");
}

TEST(RefusedPlugin, OneThatCrashesOrEndsTheProcessWhileItIsLoaded) {
  EXPECT_EQ(reason(test_plugin("throws_in_static")), "crashes when it is loaded (Aborted)");
  EXPECT_EQ(reason(test_plugin("crashes_in_define")),
            "crashes in the define function of crashes@1 (Segmentation fault)");
  EXPECT_EQ(reason(test_plugin("crashes_in_undo")),
            "crashes in the rehearsal of 'take-back' (undo of 'other') in crashes@1 (Segmentation fault)");
  EXPECT_EQ(reason(test_plugin("exits_in_enrol")), "ends the process when it is loaded");
}

TEST(RefusedPlugin, OneThatHangs) {
  EXPECT_EQ(find_crash([](const AboutTo&) { ::pause(); }, std::chrono::seconds(1)),
            "does not come to an end when it is loaded, after 1 s");
  const auto hangs = [](const AboutTo& about_to) {
    about_to("in the rehearsal of 'a'");
    about_to(std::string(5'000, 'x'));
    about_to("in the rehearsal of 'b'");
    ::pause();
  };
  EXPECT_EQ(find_crash(hangs, std::chrono::seconds(1)),
            "does not come to an end in the rehearsal of 'b', after 1 s");
}

TEST(RefusedPlugin, OneThatThrowsInDefineWithEveryOfItsReasons) {
  EXPECT_EQ(
      reasons(test_plugin("throws_in_define")),
      (std::vector<std::string>{"throws-std@1: its define function threw: beyond the map",
                                "throws-int@1: its define function threw: something was thrown that is not "
                                "a std::exception"}));
}

TEST(RefusedPlugin, OneWithFindingsOfAllPlansAtOnce) {
  EXPECT_EQ(reasons(test_plugin("findings")),
            (std::vector<std::string>{
                "with-findings@1: 'no-undo' is reversible but has no undo",
                "with-findings@1: two steps are named 'twice'",
                "with-findings@1: 'foreign' uses a value of another plan",
                "with-findings@1: 'right' uses 'left', which runs beside it, not before it",
                "with-findings@1: 'first' is a pivot beside 'astray'; a saga commits itself in one place",
                "with-findings@1: 'second' is a second pivot",
                "with-findings@1: 'second' is a pivot beside 'astray'; a saga commits itself in one place",
                "with-findings@1: a lane has no step",
                "with-findings@1: 'astray' is added to the plan inside a lane; add it to the lane",
                "asks-url@1: 'to-url' asks 'http://somewhere:80', which is no endpoint's name (1 to 64 of "
                "a-z, A-Z, 0-9, '.', '_' and '-'; URLs stand in the configuration)",
                "Bad Name@0: the workflow's name must be 1 to 64 of a-z, 0-9 and '-'",
                "Bad Name@0: versions are whole numbers from 1"}));
}

TEST(RefusedPlugin, OneThatOffersALoadedVersionWithAnotherShape) {
  EXPECT_EQ(
      reason(test_plugin("same_version")),
      "fulfil-order@1: another plugin offers this version with another shape; a changed plan needs a new "
      "version");
}

TEST(Plugins, AreLeftByTheBuildSoThatOnlyTheirOwnerCanWrite) {
  for (const auto& entry : fs::recursive_directory_iterator(PLUGINS)) {
    if (entry.is_regular_file()) {
      EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()), 0755u) << entry.path();
    }
  }
}

}  // namespace
}  // namespace amends::engine
