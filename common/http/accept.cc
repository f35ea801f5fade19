#include "common/http/accept.h"

#include <algorithm>

#include "common/base/text.h"

namespace mirrorway::http {
namespace {

constexpr int kFullQuality = 1000;

// "0.8" in thousandths; nullopt unless it is a qvalue.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return std::nullopt;
  int quality = text.front() == '1' ? kFullQuality : 0;
  text.remove_prefix(1);
  if (text.empty()) return quality;
  if (text.front() != '.' || text.size() > 4) return std::nullopt;
  int weight = kFullQuality / 10;
  for (const char digit : text.substr(1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    quality += (digit - '0') * weight;
    weight /= 10;
  }
  return quality > kFullQuality ? std::nullopt : std::optional(quality);
}

int quality_of(std::span<const std::string_view> parameters) {
  for (const std::string_view parameter : parameters) {
    const std::string_view text = base::trim(parameter);
    if (text.size() > 2 && base::equal_ignoring_case(text.substr(0, 2), "q="))
      return parse_quality(text.substr(2)).value_or(0);
  }
  return kFullQuality;
}

}  // namespace

std::optional<proto::Form> negotiate(std::span<const std::string_view> accept,
                                     std::span<const Offer> offers) {
  std::optional<proto::Form> best;
  int best_quality = 0;
  for (const std::string_view value : accept) {
    for (const std::string_view range : base::split(value, ',')) {
      const auto parts = base::split(range, ';');
      const std::string_view media = base::trim(parts.front());
      const auto offer = std::find_if(offers.begin(), offers.end(), [&](const Offer& o) {
        return base::equal_ignoring_case(o.media, media);
      });
      if (offer == offers.end()) continue;
      const int quality = quality_of(std::span(parts).subspan(1));
      if (quality <= best_quality) continue;
      best = offer->form;
      best_quality = quality;
    }
  }
  return best;
}

}  // namespace mirrorway::http
