#include "common/catalog/catalog_option.h"

#include <fmt/format.h>

#include "common/base/error.h"
#include "common/catalog/catalog_url.h"

namespace mirrorway::catalog {

void declare_catalog(base::Options& options, std::string& url) {
  options.add("catalog", url, "URL", fmt::format("The catalog: {}", kCatalogUrlForms));
  options.add_check([&url] {
    const auto location = parse_catalog_url(url);
    if (!location) throw base::UsageError("--catalog: {}", location.reason());
  });
}

}  // namespace mirrorway::catalog
