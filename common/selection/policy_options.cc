#include "common/selection/policy_options.h"

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::selection {
namespace {

constexpr std::uint32_t kMostMirrors = 65'535;

void set_order(PolicySettings& settings) {
  if (settings.order == "weight") {
    settings.policy.order = Order::kWeight;
  } else if (settings.order != "distance") {
    throw base::UsageError("--order: \"{}\" is neither distance nor weight",
                           base::printable(settings.order));
  }
}

// What is set by hand counts all the same.
void set_compat(const base::Options& options, PolicySettings& settings) {
  if (settings.compat == "none") return;
  if (settings.compat != "mirrormanager")
    throw base::UsageError("--compat: \"{}\" is neither none nor mirrormanager",
                           base::printable(settings.compat));
  constexpr std::uint32_t kMirrorManagerMinimum = 5;
  settings.policy.always_adds_continent = true;
  if (!options.is_set("min-mirrors")) settings.policy.min_mirrors = kMirrorManagerMinimum;
  if (!options.is_set("max-mirrors")) settings.policy.max_mirrors = kMostMirrors;
}

void check(const base::Options& options, PolicySettings& settings) {
  set_order(settings);
  set_compat(options, settings);
  if (settings.policy.min_mirrors > settings.policy.max_mirrors)
    throw base::UsageError("--min-mirrors {} is more than --max-mirrors {}",
                           settings.policy.min_mirrors, settings.policy.max_mirrors);
  if (settings.policy.rotation.count() == 0)
    throw base::UsageError("--rotation must be longer than 0s");
}

}  // namespace

void declare_policy(base::Options& options, PolicySettings& settings) {
  options.add("min-mirrors", settings.policy.min_mirrors, 1, kMostMirrors,
              "Tiers are added until an answer has as many mirrors");
  options.add("max-mirrors", settings.policy.max_mirrors, 1, kMostMirrors,
              "An answer has at most as many mirrors");
  options.add("rotation", settings.policy.rotation,
              "How long a client keeps its order of equally good mirrors");
  options.add("order", settings.order, "distance|weight",
              "Mirrors of the client's country and continent: \"distance\" puts those within 500, "
              "1,000 and 2,500 km first where the client's city is known, \"weight\" goes by "
              "bandwidth alone");
  options.add("compat", settings.compat, "none|mirrormanager",
              "\"mirrormanager\": as MirrorManager, at least 5 mirrors, no maximum, and the "
              "client's continent always added; \"none\": as documented");
  options.add_check([&options, &settings] { check(options, settings); });
}

}  // namespace mirrorway::selection
