#include "cache_builder/publish.h"

#include "common/base/file.h"

namespace mirrorway::cache_builder {

Publication::Publication(const PublishSettings& settings, std::string_view purpose)
    : settings_(settings), lock_(settings.output, purpose, settings.lock_wait) {
  base::remove_leftovers(settings_.output);
}

void Publication::publish(const proto::Snapshot& /*snapshot*/, std::string_view bytes) {
  base::publish_file(settings_.output, bytes);
}

}  // namespace mirrorway::cache_builder
