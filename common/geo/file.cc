#include "common/geo/file.h"

#include <maxminddb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/geo/check.h"
#include "common/geo/sealed_copy.h"
#include "common/net/socket_address.h"

namespace mirrorway::geo {

// A path into a record, with the types that its first step may have.
struct Field {
  std::array<const char*, 4> path;  // ends with a null pointer, as libmaxminddb wants it
  std::uint32_t types;
};

namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{2} << 30U;

constexpr std::uint32_t bit(MmdbType type) {
  return 1U << static_cast<unsigned>(type);
}
constexpr std::uint32_t kMap = bit(MmdbType::kMap);
constexpr std::uint32_t kText = bit(MmdbType::kString);
constexpr std::uint32_t kWhole = bit(MmdbType::kUint16) | bit(MmdbType::kUint32) |
                                 bit(MmdbType::kInt32) | bit(MmdbType::kUint64);
constexpr std::uint32_t kReal = bit(MmdbType::kDouble) | bit(MmdbType::kFloat);

// MaxMind's shape first, then IPinfo's and the flat ones; where one name has two meanings, what it
// means shows in the type (`country`: map or code) or in the text (code or name).
constexpr std::array kCountryFields = std::to_array<Field>({
    {{"country", "iso_code"}, kMap},
    {{"registered_country", "iso_code"}, kMap},
    {{"country"}, kText},
    {{"country_code"}, kText},
});
constexpr std::array kAsnFields = std::to_array<Field>({
    {{"autonomous_system_number"}, kWhole | kText},
    {{"asn"}, kWhole | kText},
});
constexpr std::array kCityFields = std::to_array<Field>({
    {{"city", "names", "en"}, kMap},
    {{"city"}, kText},
});
constexpr std::array kLatitudeFields = std::to_array<Field>({
    {{"location", "latitude"}, kMap},
    {{"latitude"}, kReal | kText},
    {{"lat"}, kReal | kText},
});
// Pairwise with the latitudes.
constexpr std::array kLongitudeFields = std::to_array<Field>({
    {{"location", "longitude"}, kMap},
    {{"longitude"}, kReal | kText},
    {{"lng"}, kReal | kText},
});
constexpr std::array kRadiusFields = std::to_array<Field>({
    {{"location", "accuracy_radius"}, kMap},
});

// The first steps of all these paths.
constexpr std::array<std::string_view, 11> kFieldNames{"country",      "registered_country",
                                                       "country_code", "autonomous_system_number",
                                                       "asn",          "city",
                                                       "location",     "latitude",
                                                       "lat",          "longitude",
                                                       "lng"};

using Fields = std::span<const Field* const>;

// The value at the end of the path; nullopt when this record has none.
std::optional<MMDB_entry_data_s> read(MMDB_entry_s record, const Field& field) {
  MMDB_entry_data_s data;
  const int status = MMDB_aget_value(&record, &data, field.path.data());
  if (status != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

std::optional<std::string_view> read_text(const MMDB_entry_s& record, const Field& field) {
  const auto data = read(record, field);
  if (!data || data->type != MMDB_DATA_TYPE_UTF8_STRING || data->data_size == 0)
    return std::nullopt;
  return std::string_view(data->utf8_string, data->data_size);
}

std::optional<std::uint64_t> whole_number(const MMDB_entry_data_s& data) {
  switch (data.type) {
    case MMDB_DATA_TYPE_UINT16:
      return data.uint16;
    case MMDB_DATA_TYPE_UINT32:
      return data.uint32;
    case MMDB_DATA_TYPE_UINT64:
      return data.uint64;
    case MMDB_DATA_TYPE_INT32:
      if (data.int32 < 0) return std::nullopt;
      return static_cast<std::uint64_t>(data.int32);
    default:
      return std::nullopt;
  }
}

std::optional<std::uint32_t> read_asn(const MMDB_entry_s& record, const Field& field) {
  const auto data = read(record, field);
  if (!data) return std::nullopt;
  std::optional<std::uint64_t> number = whole_number(*data);
  if (data->type == MMDB_DATA_TYPE_UTF8_STRING) {
    std::string_view text(data->utf8_string, data->data_size);
    if (text.starts_with("AS")) text.remove_prefix(2);
    number = base::parse_number(text, UINT32_MAX);
  }
  if (!number || *number == 0 || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

// Degrees from -limit to limit.
std::optional<double> read_degrees(const MMDB_entry_s& record, const Field& field, double limit) {
  const auto data = read(record, field);
  if (!data) return std::nullopt;
  double value = 0;
  if (data->type == MMDB_DATA_TYPE_DOUBLE) {
    value = data->double_value;
  } else if (data->type == MMDB_DATA_TYPE_FLOAT) {
    value = double{data->float_value};
  } else if (data->type == MMDB_DATA_TYPE_UTF8_STRING) {
    const char* const end = data->utf8_string + data->data_size;
    const auto [stop, error] = std::from_chars(data->utf8_string, end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
  } else {
    return std::nullopt;
  }
  // False for NaN too.
  if (!(std::abs(value) <= limit)) return std::nullopt;
  return value;
}

// The codes that are no country of today. Anonymous proxies (A1), satellite providers (A2) and
// other (O1) are no two letters to begin with.
void note_country(GeoAnswer& answer, std::string_view code) {
  struct Special {
    std::string_view code;
    std::string_view country;
    std::optional<net::Continent> continent;
  };
  using enum net::Continent;
  constexpr std::array<Special, 5> kSpecials{
      {{"UK", "GB", {}}, {"FX", "FR", {}}, {"EU", "", kEu}, {"AP", "", kAs}, {"AN", "", kNa}}};
  auto country = net::CountryCode::parse(code);
  for (const Special& special : kSpecials) {
    if (!country || country->text() != special.code) continue;
    if (special.continent && !answer.continent_hint) answer.continent_hint = special.continent;
    country = net::CountryCode::parse(special.country);
  }
  if (!country) return;
  answer.country = country;
  answer.continent_hint.reset();
}

void find_country(const MMDB_entry_s& record, Fields fields, GeoAnswer& answer) {
  for (const Field* field : fields) {
    const auto code = read_text(record, *field);
    if (!code || code->size() != 2) continue;  // of three shapes, one has the name here
    note_country(answer, *code);
    return;
  }
}

std::optional<std::uint32_t> find_asn(const MMDB_entry_s& record, Fields fields) {
  for (const Field* field : fields)
    if (const auto asn = read_asn(record, *field)) return asn;
  return std::nullopt;
}

bool has_city(const MMDB_entry_s& record, Fields fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Field* field) { return read_text(record, *field).has_value(); });
}

std::optional<Coordinates> find_coordinates(const MMDB_entry_s& record, Fields latitudes,
                                            Fields longitudes) {
  constexpr double kMaxLatitude = 90;
  constexpr double kMaxLongitude = 180;
  for (std::size_t i = 0; i < latitudes.size(); ++i) {
    const auto latitude = read_degrees(record, *latitudes[i], kMaxLatitude);
    const auto longitude = read_degrees(record, *longitudes[i], kMaxLongitude);
    if (latitude && longitude) return Coordinates{*latitude, *longitude, {}};
  }
  return std::nullopt;
}

std::optional<std::uint16_t> find_radius(const MMDB_entry_s& record, Fields fields) {
  for (const Field* field : fields) {
    const auto data = read(record, *field);
    const auto radius = data ? whole_number(*data) : std::nullopt;
    if (radius && *radius <= UINT16_MAX) return static_cast<std::uint16_t>(*radius);
  }
  return std::nullopt;
}

bool occurs(const Field& field, const MmdbFacts& facts) {
  for (std::size_t i = 0; i < kFieldNames.size(); ++i)
    if (kFieldNames[i] == field.path[0]) return (facts.field_types[i] & field.types) != 0;
  return false;
}

std::vector<const Field*> occurring(std::span<const Field> fields, const MmdbFacts& facts) {
  std::vector<const Field*> result;
  for (const Field& field : fields)
    if (occurs(field, facts)) result.push_back(&field);
  return result;
}

}  // namespace

void GeoFile::Closer::operator()(MMDB_s* handle) const {
  MMDB_close(handle);
  delete handle;
}

GeoFile GeoFile::load(const std::string& path) {
  const SealedCopy copy(path, kMaxFileBytes);
  GeoFile file;
  file.path_ = path;
  try {
    const MmdbFacts facts = check_mmdb(copy.bytes(), kFieldNames);
    file.build_epoch_ = facts.build_epoch;
    file.is_ipv4_only_ = facts.ip_version == 4;
    file.countries_ = occurring(kCountryFields, facts);
    file.asns_ = occurring(kAsnFields, facts);
    file.cities_ = occurring(kCityFields, facts);
    for (std::size_t i = 0; i < kLatitudeFields.size(); ++i) {
      if (!occurs(kLatitudeFields[i], facts) || !occurs(kLongitudeFields[i], facts)) continue;
      file.latitudes_.push_back(&kLatitudeFields[i]);
      file.longitudes_.push_back(&kLongitudeFields[i]);
    }
    file.radii_ = occurring(kRadiusFields, facts);
  } catch (const base::Error& error) {
    throw base::Error("geolocation file {} is damaged: {}", path, error.what());
  }
  if (!file.has_countries() && !file.has_asns() && !file.has_coordinates())
    throw base::Error(
        "geolocation file {} has neither countries, nor AS numbers, nor cities with coordinates",
        path);

  auto handle = std::make_unique<MMDB_s>();
  const int status = MMDB_open(copy.path().c_str(), MMDB_MODE_MMAP, handle.get());
  if (status != MMDB_SUCCESS)
    throw base::Error("geolocation file {}: {}", path, MMDB_strerror(status));
  file.handle_.reset(handle.release());
  return file;
}

std::string_view GeoFile::database_type() const {
  return handle_->metadata.database_type;
}

void GeoFile::complete(GeoAnswer& answer, const net::Address& address) const {
  const bool wants_country = !answer.country && has_countries();
  const bool wants_asn = !answer.asn && has_asns();
  const bool wants_coordinates = !answer.coordinates && has_coordinates();
  if (!wants_country && !wants_asn && !wants_coordinates) return;
  if (is_ipv4_only_ && address.family() == net::Family::kIpv6) return;
  int status = MMDB_SUCCESS;
  const MMDB_lookup_result_s found =
      MMDB_lookup_sockaddr(handle_.get(), net::SocketAddress(address).get(), &status);
  if (status != MMDB_SUCCESS || !found.found_entry) return;
  if (wants_country) find_country(found.entry, countries_, answer);
  if (wants_asn) answer.asn = find_asn(found.entry, asns_);
  if (!wants_coordinates || !has_city(found.entry, cities_)) return;
  answer.coordinates = find_coordinates(found.entry, latitudes_, longitudes_);
  if (answer.coordinates) answer.coordinates->radius_km = find_radius(found.entry, radii_);
}

}  // namespace mirrorway::geo
