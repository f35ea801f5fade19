#include "common/catalog/catalog_url.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::catalog {

base::Parsed<std::string> parse_catalog_url(std::string_view url) {
  constexpr std::string_view kScheme = "sqlite:";
  constexpr std::string_view kForms = "sqlite:///ABSOLUTE/PATH or sqlite:RELATIVE/PATH";
  if (url.substr(0, kScheme.size()) != kScheme)
    return base::refuse("catalog URL \"{}\": this version reads {}", base::printable(url), kForms);
  std::string_view path = url.substr(kScheme.size());
  if (path.substr(0, 3) == "///")
    path.remove_prefix(path.substr(0, 4) == "////" ? 3 : 2);
  else if (path.substr(0, 2) == "//")
    return base::refuse("catalog URL \"{}\" names a machine; write {}", base::printable(url),
                        kForms);
  // A quotation mark would end the name in the connection string of the database library.
  const bool has_bad_byte = std::any_of(path.begin(), path.end(), [](char c) {
    return c == '"' || static_cast<unsigned char>(c) < 0x20;
  });
  if (path.empty() || path == "/" || has_bad_byte)
    return base::refuse("catalog URL \"{}\" names no file; write {}", base::printable(url), kForms);
  return std::string(path);
}

}  // namespace mirrorway::catalog
