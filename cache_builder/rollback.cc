#include "cache_builder/rollback.h"

#include <chrono>
#include <filesystem>
#include <iostream>

#include "cache_builder/exit_status.h"
#include "cache_builder/history.h"
#include "cache_builder/hold.h"
#include "common/base/date.h"
#include "common/base/file.h"
#include "common/snapshot/file.h"

namespace mirrorway::cache_builder {
namespace {

std::string date_of(std::chrono::system_clock::time_point time) {
  return base::internet_date(std::chrono::floor<std::chrono::seconds>(time));
}

std::string describe(const std::filesystem::path& path) {
  try {
    const proto::Snapshot snapshot = snapshot::load_file(path).snapshot;
    return fmt::format("generation {}, {} hosts, {} directories, {} repositories",
                       snapshot.catalog_generation(), snapshot.hosts_size(),
                       snapshot.directories_size(), snapshot.repositories_size());
  } catch (const base::Error& error) {
    return fmt::format("cannot be used: {}", error.what());
  }
}

std::string describe_file_in_place(const std::string& output) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(output, error);
  if (error) return fmt::format("in place   {}: {}\n", output, error.message());
  return fmt::format("in place   {}  {}\n", date_of(std::chrono::file_clock::to_sys(written)),
                     describe(output));
}

const KeptSnapshot& choose(const std::vector<KeptSnapshot>& kept,
                           const RollbackSettings& rollback) {
  const KeptSnapshot* const found =
      rollback.number ? find_kept(kept, *rollback.number) : find_previous(kept);
  if (found != nullptr) return *found;
  if (rollback.number)
    throw base::Error("no snapshot {} is kept; \"cache_builder history\" lists them",
                      *rollback.number);
  throw base::Error("no earlier snapshot is kept that was not withdrawn");
}

proto::Snapshot verify(const KeptSnapshot& kept, const PublishSettings& settings) {
  proto::Snapshot snapshot = [&] {
    try {
      return snapshot::load_file(kept.path).snapshot;
    } catch (const base::Error& error) {
      throw base::Error("snapshot {} is not put back: {}; --to N chooses another", kept.number,
                        error.what());
    }
  }();
  const auto failing = find_failing_probes(settings.probes, snapshot);
  if (failing.empty()) return snapshot;
  const std::string line = fmt::format("{}", fmt::join(failing, "; "));
  if (!settings.is_forced)
    throw Stopped(kExitRefused, "snapshot {} is not put back: {}; --force overrides", kept.number,
                  line);
  warn(fmt::format("--force overrides: {}", line));
  return snapshot;
}

// That it cannot be done is no reason to stay with a bad snapshot.
void set_current_aside(History& history, const KeptSnapshot& target) {
  try {
    // Back to one that was withdrawn: then what is in place is not what was bad.
    if (target.is_withdrawn)
      history.keep_current();
    else
      history.withdraw_newer_than(target);
  } catch (const base::Error& error) {
    warn(fmt::format("what was in place is not kept: {}", error.what()));
  }
}

// What stood there stays: somebody had a reason, and has to know of it when this one is gone.
std::string reason_for(const std::string& what, const std::optional<std::string>& earlier) {
  std::string reason =
      fmt::format("rolled back on {} to {}", date_of(std::chrono::system_clock::now()), what);
  if (earlier) reason += fmt::format("; on hold before that: {}", *earlier);
  return reason;
}

std::string say_what_next(bool lets_builds_go_on, const std::optional<std::string>& earlier) {
  if (!lets_builds_go_on)
    return "builds are on hold: \"cache_builder release\" once the catalog is good again";
  if (!earlier) return "the next build replaces it";
  return fmt::format(
      "builds stay on hold: {}; \"cache_builder release\" lets the next one replace it", *earlier);
}

void hold_builds(const std::string& output, const std::string& reason) {
  try {
    hold(output, reason);
  } catch (const base::Error& error) {
    throw base::Error(
        "nothing was done, as builds cannot be put on hold: {}; --no-hold goes back without that",
        error.what());
  }
}

}  // namespace

int run_history(const std::string& output) {
  for (const KeptSnapshot& kept : History(output).list())
    std::cout << fmt::format("{:>6}     {}  {}{}\n", kept.number, date_of(kept.published),
                             describe(kept.path), kept.is_withdrawn ? ", withdrawn" : "");
  std::cout << describe_file_in_place(output);
  if (const auto reason = find_hold(output)) std::cout << "on hold: " << *reason << '\n';
  return base::kExitSuccess;
}

int run_rollback(const PublishSettings& settings, const RollbackSettings& rollback) {
  const PublicationLock lock(settings.output, "rollback", settings.lock_wait);
  base::remove_leftovers(settings.output);
  History history(settings.output);
  const auto kept = history.list();
  const KeptSnapshot& target = choose(kept, rollback);
  const proto::Snapshot snapshot = verify(target, settings);
  const std::string what = fmt::format("snapshot {}, generation {}, published {}", target.number,
                                       snapshot.catalog_generation(), date_of(target.published));
  if (settings.is_dry_run) {
    std::cout << "would put back " << what << '\n';
    return base::kExitSuccess;
  }
  const auto earlier_hold = find_hold(settings.output);
  // Before anything else, so that being killed in between errs on the safe side.
  if (!rollback.lets_builds_go_on) hold_builds(settings.output, reason_for(what, earlier_hold));
  set_current_aside(history, target);
  history.put_back(target);
  std::cout << fmt::format("{} is in place again; {}\n", what,
                           say_what_next(rollback.lets_builds_go_on, earlier_hold));
  return base::kExitSuccess;
}

int run_hold(const PublishSettings& settings, const std::string& reason) {
  hold(settings.output, reason.empty()
                            ? fmt::format("since {}", date_of(std::chrono::system_clock::now()))
                            : reason);
  // A build that is past its last look does not see it.
  const PublicationLock lock(settings.output, "hold", settings.lock_wait,
                             "builds are on hold until \"cache_builder release\", but a last one "
                             "may still come, for which --lock-wait waits");
  std::cout << "builds are on hold until \"cache_builder release\"\n";
  return base::kExitSuccess;
}

int run_release(const std::string& output) {
  std::cout << (release(output) ? "builds go on\n" : "builds were not on hold\n");
  return base::kExitSuccess;
}

}  // namespace mirrorway::cache_builder
