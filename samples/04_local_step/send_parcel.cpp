// Sends a parcel without asking anybody: every step is a function in this file. They work in the folder that
// PARCELS names, and each of them may run twice.
#include <unistd.h>
#include <amends/workflow.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace {

namespace fs = std::filesystem;

struct Parcel {  // what a saga is started with
  std::string parcel_id, country;
  std::int64_t grams = 0;
  AMENDS_DATA(Parcel, parcel_id, country, grams)
};
struct Postage {
  std::int64_t cents = 0;
  AMENDS_DATA(Postage, cents)
};

// ---- files -----------------------------------------------------------------------------------------------

// Data becomes a file's name only when it can be nothing else.
std::string checked(const std::string& parcel_id) {
  const char* good = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (parcel_id.empty() || parcel_id.size() > 40 || parcel_id.find_first_not_of(good) != std::string::npos)
    throw amends::Refused("a parcel's id is 1 to 40 of a-z, 0-9 and '-'");
  return parcel_id;
}

fs::path folder(const char* name) {
  const char* parcels = std::getenv("PARCELS");
  return fs::path(parcels != nullptr ? parcels : "parcels") / name;
}

// Writes the whole file or none of it; a second time it writes the same again. A full disk is nobody's fault
// and may pass, so it is no refusal. (What must outlive a power cut would be synced here, too.)
void write_file(const fs::path& file, const std::string& text) {
  try {
    const fs::path draft = folder("drafts") / (file.filename().string() + "." + std::to_string(::gettid()));
    fs::create_directories(draft.parent_path());
    fs::create_directories(file.parent_path());
    std::ofstream out(draft);
    if (!(out << text).flush()) throw std::system_error(errno, std::generic_category(), draft);
    fs::rename(draft, file);
  } catch (const std::system_error& trouble) {
    throw amends::Transient(trouble.what());
  }
}

// ---- the steps -------------------------------------------------------------------------------------------

// Changes nothing: it may run as often as it likes.
Postage work_out_postage(const Parcel& parcel) {
  checked(parcel.parcel_id);
  const std::int64_t base = parcel.country == "AT" ? 490 : 1490;
  return {base + (parcel.grams + 999) / 1'000 * 90};
}

void write_label(const Parcel& parcel, const Postage& postage) {
  write_file(folder("labels") / checked(parcel.parcel_id),
             parcel.country + ", " + std::to_string(postage.cents) + " cents\n");
}
// Harmless when there is no label: then nothing is removed.
void shred_label(const Parcel& parcel) {
  fs::remove(folder("labels") / checked(parcel.parcel_id));
}

// A refusal: the saga takes back what it did. It speaks for earlier attempts too, which would have been
// refused as well; so the saga knows where it stands even when one of them was cut off by a crash.
void hand_over(const Parcel& parcel) {
  if (parcel.grams > 30'000) throw amends::Refused("the carrier takes nothing above 30 kg");
  write_file(folder("van") / checked(parcel.parcel_id), "on its way\n");
}

// Books by the attempt's key, which is the same for every attempt of this step of this saga: a second booking
// overwrites the first. The diary tells how often it was called.
void book(const amends::Attempt& attempt, const Parcel& parcel, const Postage& postage) {
  std::string entry(attempt.key);
  for (char& c : entry)
    if (c == '/') c = '_';
  std::ofstream(folder("diary"), std::ios::app) << entry + "\n";
  write_file(folder("books") / entry, parcel.parcel_id + " " + std::to_string(postage.cents) + "\n");
}

void define(amends::Plan<Parcel>& plan) {
  auto parcel = plan.input();
  auto postage = plan.local("postage", work_out_postage, parcel);
  plan.reversible("write-label", amends::local(write_label), parcel, postage)
      .undo("shred-label", amends::local(shred_label), parcel);
  plan.pivot("hand-over", amends::local(hand_over), parcel);
  plan.retriable("book", amends::local(book), parcel, postage);
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("send-parcel", 1, define);
}
