#include "cache_builder/publish.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>

#include "cache_builder/exit_status.h"
#include "cache_builder/history.h"
#include "cache_builder/hold.h"
#include "common/base/file.h"
#include "common/base/percent.h"
#include "common/base/text.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
namespace {

std::string refused_file(const PublishSettings& settings) {
  return settings.output + ".refused";
}

// For the next look at it. What was refused stays refused where there is no room.
std::string leave_refused(const std::string& path, const snapshot::FileEncoder& encoder) {
  try {
    base::PublishedFile file(path);
    encoder.write([&](std::string_view piece) { file.append(piece); });
    file.commit();
    return fmt::format("; compare with {}", path);
  } catch (const base::Error&) {
    return {};
  }
}

}  // namespace

void declare_publishing(base::Options& options, PublishSettings& settings) {
  options.add("output", settings.output, "FILE", "Where the snapshot is published");
  options.add("max-loss", settings.max_loss,
              "Refuse a snapshot when more is gone of the hosts, directories or repositories that "
              "there were, or the number of hosts of one repository falls by more; a loss of one "
              "is allowed, unless it was the last host, directory or repository; all are with "
              "100%");
  constexpr std::uint32_t kMostKept = 10'000;
  options.add("keep", settings.keep, 0, kMostKept,
              "How many earlier snapshots are kept in FILE.kept, for rollback");
  options.add("lock-wait", settings.lock_wait,
              "How long to wait for another build or rollback to end");
  declare_probes(options, settings.probes);
}

void warn(std::string_view text) {
  std::cerr << "cache_builder: warning: " << text << '\n';
}

Publication::Publication(const PublishSettings& settings, std::string_view purpose)
    : settings_(settings), lock_(settings.output, purpose, settings.lock_wait) {
  respect_hold();
  base::remove_leftovers(settings_.output);
  base::remove_leftovers(refused_file(settings_));
}

void Publication::respect_hold() const {
  if (settings_.is_dry_run) return;
  const auto reason = find_hold(settings_.output);
  if (!reason) return;
  if (!settings_.is_forced)
    throw Stopped(kExitHeld,
                  "nothing was done, as builds are on hold: {}; "
                  "\"cache_builder release\" ends that",
                  *reason);
  warn(fmt::format("--force publishes in spite of the hold, which stays: {}", *reason));
}

void Publication::read_in_place() {
  try {
    const snapshot::LoadedFile loaded = snapshot::load_file(settings_.output);
    in_place_ = take_census(loaded.snapshot);
    in_place_digest_ = loaded.digest;
  } catch (const base::IoError& error) {
    if (error.code() == ENOENT)  // at the first build there is nothing wrong with that
      std::cout << "no snapshot at " << settings_.output << " yet, so nothing to compare with\n";
    else
      warn(fmt::format("nothing to compare with: {}", error.what()));
  } catch (const base::Error& error) {
    warn(fmt::format("nothing to compare with: {}", error.what()));
  }
}

void Publication::ask_guards(const proto::Snapshot& snapshot,
                             const snapshot::FileEncoder& encoder) const {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> reasons;
  if (in_place_) {
    const auto losses = find_heavy_losses(*in_place_, take_census(snapshot), settings_.max_loss);
    if (!losses.empty())
      reasons.push_back(fmt::format("more than {} lost: {}",
                                    base::format_percent(settings_.max_loss),
                                    base::join_some(losses, kMost, ", ")));
  }
  const auto failing = find_failing_probes(settings_.probes, snapshot);
  if (!failing.empty()) reasons.push_back(base::join_some(failing, kMost, "; "));
  if (reasons.empty()) return;
  const std::string line = fmt::format("{}", fmt::join(reasons, "; "));
  if (settings_.is_forced) {
    warn(fmt::format("--force overrides: {}", line));
    return;
  }
  throw Stopped(kExitRefused, "nothing was published: {}{}; --force overrides", line,
                settings_.is_dry_run ? "" : leave_refused(refused_file(settings_), encoder));
}

// A link that cannot be made is no reason to go on with an old snapshot.
void Publication::keep_in_place(const std::string& successor_digest) const {
  if (settings_.keep == 0 || !in_place_ || in_place_digest_ == successor_digest) return;
  try {
    History(settings_.output).keep_current();
  } catch (const base::Error& error) {
    warn(fmt::format("the old snapshot is not kept: {}", error.what()));
  }
}

void Publication::publish(const proto::Snapshot& snapshot, const snapshot::FileEncoder& encoder) {
  ask_guards(snapshot, encoder);
  if (settings_.is_dry_run) return;
  base::PublishedFile file(settings_.output);
  encoder.write([&](std::string_view piece) { file.append(piece); });
  file.sync();
  keep_in_place(encoder.digest());
  // It may have come meanwhile: looked for behind all that takes time. What was kept is then the
  // file in place, which History knows to be no earlier one.
  if (!settings_.is_forced) respect_hold();
  file.commit();
  // The new one is in place: nothing from here on is a failure.
  try {
    base::give_to_owner_of(std::filesystem::absolute(settings_.output).parent_path(),
                           settings_.output);
    ::unlink(refused_file(settings_).c_str());
    History(settings_.output).forget_all_but(settings_.keep);
  } catch (const base::Error& error) {
    warn(fmt::format("published, but {}", error.what()));
  }
}

}  // namespace mirrorway::cache_builder
