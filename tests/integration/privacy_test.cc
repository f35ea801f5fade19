// Nobody is told of a private host but the clients of its networks: whatever is asked for, and
// whoever the client says that it is.

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "common/answer/lookup.h"
#include "common/base/sanitizer.h"
#include "common/http/client_address.h"
#include "common/http/lookup.h"
#include "common/snapshot/asn_table.h"
#include "tests/support/random_network.h"

using namespace mirrorway;
using namespace mirrorway::tests;

namespace {

// Everyone asks everything: so many requests come of fewer clients and questions. Builds with
// sanitizers are an order of magnitude slower.
#ifdef MIRRORWAY_HAS_SANITIZER
constexpr std::size_t kRequests = 50'000;
#else
constexpr std::size_t kRequests = 1'000'000;
#endif
constexpr std::size_t kNetworks = 20;
constexpr std::size_t kClients = 2000;   // of each network
constexpr std::size_t kQuestions = 200;  // of each network
// Every so manieth request is also answered in full, from its bytes to the answer's.
constexpr std::size_t kInFull = 40;

const std::string& one_of(Random& random, const std::vector<std::string>& choices) {
  return choices[below(random, choices.size())];
}

net::Prefix prefix_of(const proto::Netblock& netblock) {
  return *net::Prefix::make(*net::Address::from_bytes(netblock.address()), netblock.length());
}

// The prefix of the longest match, of things that have one.
template <typename Things, typename PrefixOf>
auto longest_match(const Things& things, const net::Address& address, const PrefixOf& prefix) {
  const typename Things::value_type* best = nullptr;
  for (const auto& thing : things)
    if (prefix(thing).contains(address) &&
        (best == nullptr || prefix(thing).length() > prefix(*best).length()))
      best = &thing;
  return best;
}

// Who may see which private host, by the words of the contract and without any table of the
// image's.
class Insiders {
 public:
  explicit Insiders(const proto::Snapshot& snapshot)
      : snapshot_(snapshot), announced_(snapshot::decode_asn_table(snapshot.asns())) {}

  // The private hosts that have this address among their own.
  const std::set<std::string>& hosts_for(const net::Address& address) {
    const auto [at, is_new] = known_.try_emplace(address);
    if (is_new)
      for (const auto& host : snapshot_.hosts())
        if (host.is_private() && is_insider(host, address)) at->second.insert(host.name());
    return at->second;
  }

 private:
  bool is_insider(const proto::Host& host, const net::Address& address) const {
    const auto& netblocks = host.netblocks();
    if (std::any_of(netblocks.begin(), netblocks.end(), [&](const proto::Netblock& netblock) {
          return prefix_of(netblock).contains(address);
        }))
      return true;
    const auto* announced = longest_match(
        announced_, address, [](const snapshot::AsnPrefix& row) { return row.prefix; });
    const auto& asns = host.client_asns();
    if (announced != nullptr && std::find(asns.begin(), asns.end(), announced->asn) != asns.end())
      return true;
    const auto& research = snapshot_.research_networks();
    const bool is_on_research_network = longest_match(research, address, prefix_of) != nullptr;
    const auto* country =
        longest_match(snapshot_.netblock_countries(), address,
                      [](const proto::NetblockCountry& row) { return prefix_of(row.netblock()); });
    return is_on_research_network && country != nullptr && host.country() == country->country() &&
           host.is_research() && host.serves_research();
  }

  const proto::Snapshot& snapshot_;
  std::vector<snapshot::AsnPrefix> announced_;
  std::map<net::Address, std::set<std::string>> known_;
};

// A tunnel's address with this IPv4 address inside.
std::string in_tunnel(Random& random, const net::Address& address) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(address.bytes()[i]));
  };
  const unsigned high = byte(0) << 8U | byte(1);
  const unsigned low = byte(2) << 8U | byte(3);
  switch (below(random, 3)) {
    case 0:
      return fmt::format("::ffff:{}", address.text());
    case 1:
      return fmt::format("2002:{:x}:{:x}::1", high, low);
    default:
      return fmt::format("2001:0:1:2:3:4:{:x}:{:x}", high ^ 0xFFFFU, low ^ 0xFFFFU);
  }
}

// How a request arrives, and the address that counts for it: known by the way it was made.
struct Caller {
  net::Address peer;
  std::vector<std::string> forwarded;  // headers
  std::string pretends;                // to be this address, by ip=; empty: does not
  net::Address counts;

  std::vector<std::string_view> headers() const { return {forwarded.begin(), forwarded.end()}; }
};

constexpr const char* kProxies = "203.0.113.0/24";  // trusted

std::string random_proxy(Random& random) {
  return fmt::format("203.0.113.{}", below(random, 256));
}

// What a client may write into its header to look like somebody else.
std::string forged(Random& random) {
  std::string text;
  for (std::size_t i = below(random, 4); i > 0; --i)
    text += (chance(random, 0.2) ? one_of(random, {"unknown", "", "[::1", "10.0.0.0/8", "1.2.3"})
                                 : random_address(random).text()) +
            one_of(random, {",", ", ", " ,"});
  return text;
}

// An element for the client itself, as its proxy writes it.
std::string spelt(Random& random, const net::Address& client) {
  const bool is_ipv4 = client.family() == net::Family::kIpv4;
  switch (below(random, 4)) {
    case 0:
      return is_ipv4 ? client.text() + ":4711" : "[" + client.text() + "]:4711";
    case 1:
      return is_ipv4 ? in_tunnel(random, client) : client.text();
    default:
      return client.text();
  }
}

void come_from(Random& random, const net::Address& client, Caller& caller) {
  if (chance(random, 0.5)) {
    caller.peer = address(client.family() == net::Family::kIpv4 && chance(random, 0.3)
                              ? in_tunnel(random, client)
                              : client.text());
    for (std::size_t i = below(random, 3); i > 0; --i)
      caller.forwarded.push_back(forged(random) + random_address(random).text());
    return;
  }
  caller.peer = address(random_proxy(random));
  caller.forwarded.push_back(forged(random) + spelt(random, client));
  if (chance(random, 0.3)) caller.forwarded.push_back(random_proxy(random));
  if (chance(random, 0.3)) caller.forwarded.back() += "," + random_proxy(random);
}

Caller random_caller(Random& random) {
  Caller caller;
  caller.counts = random_address(random);
  if (!chance(random, 0.1)) {
    come_from(random, caller.counts, caller);
    return caller;
  }
  come_from(random, random_address(random), caller);
  const bool is_ipv4 = caller.counts.family() == net::Family::kIpv4;
  caller.pretends =
      is_ipv4 && chance(random, 0.3) ? in_tunnel(random, caller.counts) : caller.counts.text();
  return caller;
}

// The same as a request and as what is selected for it.
struct Question {
  std::string target;
  selection::Query query;
};

Question random_question(Random& random, const snapshot::Image& image) {
  Question question;
  const bool is_partial = chance(random, 0.3);
  question.query = everything(image, is_partial ? "pub/linux/partial" : "pub/linux/os");
  question.target =
      is_partial
          ? "/mirrorlist?path=pub/linux/partial"
          : one_of(
                random,
                {"/mirrorlist?repo=os&arch=x86_64", "/metalink?repo=os&arch=x86_64",
                 "/pub/linux/os/repodata/repomd.xml?", "/pub/linux/os/repodata/repomd.xml.meta4?",
                 "/pub/linux/os/a.iso?mirrorlist", "/mirrorlist?redirect=1&path=pub/linux/os/x"});
  question.target += "&" + one_of(random, {"", "", "format=json", "format=html", "format=meta4",
                                           "format=pacman", "format=apt", "explain=1"});
  question.query.skips_networks = chance(random, 0.3);
  if (question.query.skips_networks) question.target += "&netblock=0";
  question.query.is_everywhere = chance(random, 0.1);
  if (question.query.is_everywhere) {
    question.target += "&country=global";
  } else if (chance(random, 0.3)) {
    const std::string country = one_of(random, {"DE", "US", "ZA"});
    question.query.countries = countries({country.c_str()});
    question.target += "&country=" + country;
  }
  return question;
}

class Service {
 public:
  explicit Service(const proto::Snapshot& snapshot) : world_(snapshot) {}

  const World& world() const { return world_; }

  selection::Client locate(const Caller& caller) const {
    const auto address = caller.pretends.empty()
                             ? http::find_client_address(caller.peer, caller.headers(), proxies_)
                             : *net::Address::parse(caller.pretends);
    return answer::locate(world_.image(), geo_, address);
  }

  selection::Selection select(const selection::Client& client, const Question& question) const {
    return selection::select(world_.image(), question.query, client, policy_, kNow);
  }

  // All that a client is told.
  std::string answer(const Caller& caller, const Question& question) const {
    const auto client = http::find_client_address(caller.peer, caller.headers(), proxies_);
    const std::string target =
        question.target + (caller.pretends.empty() ? "" : "&ip=" + caller.pretends);
    const auto parsed = http::parse_lookup(routes_, target, {}, client);
    const auto* request = std::get_if<proto::LookupRequest>(&parsed.result);
    INFO(target);
    REQUIRE(request != nullptr);
    const auto response = answer::answer_lookup(world_.image(), geo_, policy_, *request, kNow);
    return response.body() + response.location() + response.link();
  }

 private:
  World world_;
  http::Routes routes_{{"/pub/"}, {}};
  std::vector<net::Prefix> proxies_{*net::Prefix::parse(kProxies)};
  selection::Policy policy_{3, 5};
  geo::GeoDatabase geo_;
};

// The private hosts that a text names: "hidden-N.example".
std::set<std::string> private_hosts_in(std::string_view text) {
  std::set<std::string> names;
  constexpr std::string_view kEnd = ".example";
  for (std::size_t at = 0; (at = text.find("hidden-", at)) != std::string_view::npos; ++at)
    names.emplace(text.substr(at, text.find(kEnd, at) + kEnd.size() - at));
  return names;
}

proto::Snapshot network(Random& random) {
  auto snapshot = random_network(random, 14);
  auto& file = *snapshot.mutable_directories(1)->add_files();
  file.set_name("repomd.xml");
  file.add_versions()->set_sha256(std::string(32, 'x'));
  return snapshot;
}

}  // namespace

TEST_CASE("private hosts are named to the clients of their networks alone") {
  Random random = seeded(5);
  std::size_t selected = 0;
  std::size_t named = 0;
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const auto snapshot = network(random);
    const Service service(snapshot);
    const auto& image = service.world().image();
    Insiders insiders(snapshot);
    std::vector<Question> questions;
    for (std::size_t n = 0; n < kQuestions; ++n)
      questions.push_back(random_question(random, image));
    const auto check = [&](const Caller& caller, const Question& question,
                           const std::string& name) {
      if (insiders.hosts_for(caller.counts).count(name) == 1) return;
      CAPTURE(caller.counts.text(), caller.peer.text(), caller.forwarded, caller.pretends);
      FAIL(name << " was named in answer to " << question.target);
    };
    for (std::size_t n = 0; n < kClients; ++n) {
      const Caller caller = random_caller(random);
      const auto client = service.locate(caller);
      for (std::size_t k = 0; k < kRequests / kNetworks / kClients; ++k) {
        const Question& question = questions[below(random, questions.size())];
        for (const auto& ranked : service.select(client, question).hosts) {
          if (!image.hosts()[ranked.host].is_private) continue;
          ++selected;
          check(caller, question, service.world().name(ranked.host));
        }
        if (below(random, kInFull) != 0) continue;
        const auto names = private_hosts_in(service.answer(caller, question));
        for (const std::string& name : names) check(caller, question, name);
        if (!names.empty()) ++named;
      }
    }
  }
  // And to those they are.
  CHECK(selected > kRequests / 20);
  CHECK(named > kRequests / kInFull / 20);
}
