#include "cache_builder/mirrormanager/tables.h"

#include <algorithm>
#include <optional>

#include "cache_builder/mirrormanager/remarks.h"
#include "common/base/remarks.h"
#include "common/base/text.h"
#include "common/net/loose_netblock.h"
#include "common/net/path.h"
#include "common/net/url.h"
#include "common/snapshot/limits.h"

namespace mirrorway::cache_builder {
namespace {

using mirrormanager::MirrorList;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= snapshot::kMaxNameBytes && base::is_one_line(text);
}

class TableReader {
 public:
  TableReader(CacheBytes& bytes, base::Remarks& remarks) : walker_(bytes), remarks_(remarks) {}

  CacheTables run() {
    bool has_time = false;
    while (walker_.next()) {
      has_time = has_time || walker_.number() == MirrorList::kTimeFieldNumber;
      read_field();
    }
    if (!has_time) throw base::Error("field Time (1) is missing");
    if (!tables_.has_directories)
      throw base::Error("field MirrorListCache (16) is missing: a cache without any directory");
    return std::move(tables_);
  }

 private:
  void read_field() {
    switch (walker_.number()) {
      case MirrorList::kTimeFieldNumber:
        tables_.time = walker_.integer();
        break;
      case MirrorList::kNetblockCountryCacheFieldNumber:
        read_netblock_country();
        break;
      case MirrorList::kHCUrlCacheFieldNumber:
        read_url();
        break;
      case MirrorList::kDisabledRepositoryCacheFieldNumber:
        read_disabled();
        break;
      case MirrorList::kCountryContinentRedirectCacheFieldNumber:
        read_continent();
        break;
      case MirrorList::kRepositoryRedirectCacheFieldNumber:
        read_redirect();
        break;
      case MirrorList::kRepoArchToDirectoryNameFieldNumber:
        read_repository();
        break;
      case MirrorList::kHostAsnCacheFieldNumber:
        read_asn();
        break;
      case MirrorList::kHostCountryCacheFieldNumber:
        read_country();
        break;
      case MirrorList::kHostBandwidthCacheFieldNumber:
        read_bandwidth();
        break;
      case MirrorList::kHostCountryAllowedCacheFieldNumber:
        read_allowed_countries();
        break;
      case MirrorList::kHostNetblockCacheFieldNumber:
        read_netblock();
        break;
      case MirrorList::kMirrorListCacheFieldNumber:
        tables_.has_directories = true;
        break;
      default:
        break;
    }
  }

  // A row of a table whose rows all have both fields.
  template <typename Row>
  Row& pair(Row& row) {
    keyed(row);
    walker_.require(row.has_value(), "value", Row::kValueFieldNumber);
    return row;
  }

  template <typename Row>
  Row& keyed(Row& row) {
    walker_.parse(row);
    walker_.require(row.has_key(), "key", Row::kKeyFieldNumber);
    return row;
  }

  std::optional<net::Prefix> netblock(const std::string& text, std::string_view kind) {
    const auto parsed = net::parse_loose_netblock(text);
    if (!parsed) {
      remarks_.add(kind, "{}", parsed.reason());
      return std::nullopt;
    }
    if (parsed->was_masked)
      remarks_.add(remark::kMaskedNetblock, "{} is {}", base::printable(text, 60),
                   parsed->prefix.text());
    return parsed->prefix;
  }

  // Of equal netblocks the first counts, as a server that scans the list finds it first.
  void read_netblock_country() {
    pair(text_to_text_);
    const auto prefix = netblock(text_to_text_.key(), remark::kNetblockCountry);
    if (!prefix) return;
    if (const auto country = net::CountryCode::parse(text_to_text_.value()))
      tables_.netblock_countries.emplace(*prefix, *country);
    else
      remarks_.add(remark::kNetblockCountry, "{} in \"{}\"", prefix->text(),
                   base::printable(text_to_text_.value(), 60));
  }

  void read_url() {
    pair(number_to_text_);
    auto url = net::parse_base_url(number_to_text_.value());
    if (url)
      tables_.urls.insert_or_assign(number_to_text_.key(), *std::move(url));
    else
      remarks_.add(remark::kUrl, "{}", url.reason());
  }

  void read_disabled() {
    if (pair(text_to_flag_).value()) tables_.disabled.insert(text_to_flag_.key());
  }

  void read_continent() {
    pair(text_to_text_);
    const auto country = net::CountryCode::parse(text_to_text_.key());
    const auto continent = net::find_continent(base::upper_ascii(text_to_text_.value()));
    if (country && continent)
      tables_.continents.insert_or_assign(*country, *continent);
    else
      remarks_.add(remark::kContinent, "\"{}\" in \"{}\"", base::printable(text_to_text_.key(), 60),
                   base::printable(text_to_text_.value(), 60));
  }

  void read_redirect() {
    pair(text_to_text_);
    if (is_name(text_to_text_.key()) && is_name(text_to_text_.value()))
      tables_.redirects.emplace(text_to_text_.key(), text_to_text_.value());
    else
      remarks_.add(remark::kRedirect, "\"{}\" to \"{}\"", base::printable(text_to_text_.key(), 60),
                   base::printable(text_to_text_.value(), 60));
  }

  void read_repository() {
    const std::string& key = pair(text_to_text_).key();
    const std::size_t plus = std::min(key.rfind('+'), key.size());
    const std::string name = key.substr(0, plus);
    const std::string architecture = key.substr(std::min(plus + 1, key.size()));
    auto directory = net::parse_path(text_to_text_.value());
    if (!is_name(name) || !is_name(architecture))
      remarks_.add(remark::kRepository, "\"{}\"", base::printable(key, 80));
    else if (!directory)
      remarks_.add(remark::kRepositoryDirectory, "{}: {}", base::printable(key, 80),
                   directory.reason());
    else
      tables_.repositories.emplace(std::pair(name, architecture), *std::move(directory));
  }

  void read_asn() {
    keyed(number_to_numbers_);
    const std::uint64_t asn = number_to_numbers_.key();
    if (asn == 0 || asn > UINT32_MAX) {
      remarks_.add(remark::kAsn, "{}", asn);
      return;
    }
    for (const std::uint64_t host : number_to_numbers_.value())
      tables_.hosts[host].asns.insert(static_cast<std::uint32_t>(asn));
  }

  void read_country() {
    pair(number_to_text_);
    const auto country = net::CountryCode::parse(number_to_text_.value());
    if (country)
      tables_.hosts[number_to_text_.key()].country = *country;
    else if (!number_to_text_.value().empty())  // which is how "unknown" is written
      remarks_.add(remark::kCountry, "\"{}\" of host {}",
                   base::printable(number_to_text_.value(), 60), number_to_text_.key());
  }

  void read_bandwidth() {
    pair(number_to_number_);
    tables_.hosts[number_to_number_.key()].bandwidth_mbps = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(number_to_number_.value(), 1, snapshot::kMaxBandwidthMbps));
  }

  void read_allowed_countries() {
    keyed(number_to_texts_);
    HostFacts& host = tables_.hosts[number_to_texts_.key()];
    host.is_restricted = true;
    for (const std::string& text : number_to_texts_.value()) {
      if (const auto country = net::CountryCode::parse(text))
        host.allowed_countries.insert(*country);
      else
        remarks_.add(remark::kAllowedCountry, "\"{}\" of host {}", base::printable(text, 60),
                     number_to_texts_.key());
    }
  }

  void read_netblock() {
    keyed(text_to_numbers_);
    const auto prefix = netblock(text_to_numbers_.key(), remark::kNetblock);
    if (!prefix) return;
    for (const std::uint64_t host : text_to_numbers_.value())
      tables_.hosts[host].netblocks.insert(*prefix);
  }

  CacheWalker walker_;
  base::Remarks& remarks_;
  CacheTables tables_;
  // One message per shape, used again and again.
  mirrormanager::StringToString text_to_text_;
  mirrormanager::StringToBool text_to_flag_;
  mirrormanager::StringToInts text_to_numbers_;
  mirrormanager::IntToString number_to_text_;
  mirrormanager::IntToStrings number_to_texts_;
  mirrormanager::IntToInt number_to_number_;
  mirrormanager::IntToInts number_to_numbers_;
};

}  // namespace

CacheTables read_tables(CacheBytes& bytes, base::Remarks& remarks) {
  return TableReader(bytes, remarks).run();
}

}  // namespace mirrorway::cache_builder
