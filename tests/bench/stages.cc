// bench_stages SNAPSHOT GEOIP LIST [ROUNDS]: the processor time of each stage of an answer, without
// sockets. LIST has lines "TARGET<TAB>CLIENT". The yardstick is the copying of the same answers,
// byte by byte the least that any server could do.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "common/answer/lookup.h"
#include "common/base/error.h"
#include "common/base/file.h"
#include "common/geo/database.h"
#include "common/http/answer.h"
#include "common/http/lookup.h"
#include "common/http/request_head.h"
#include "common/selection/select.h"
#include "common/snapshot/file.h"
#include "common/snapshot/image.h"
#include "common/wire/frame.h"
#include "tests/bench/request_list.h"

namespace {

using namespace mirrorway;

struct Request {
  std::string head;
  net::Address client;
};

// Of this thread: what other processes do counts little.
double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::vector<Request> read_requests(const std::string& path) {
  std::vector<Request> requests;
  for (const auto& [target, address] : bench::read_request_list(path)) {
    const auto client = net::Address::parse(address);
    if (!client) throw base::Error("{}: \"{}\" is no address", path, address);
    requests.push_back(
        {fmt::format("GET {} HTTP/1.1\r\nHost: mirrors.example\r\nUser-Agent: libdnf (bench)\r\n"
                     "X-Forwarded-For: {}\r\n\r\n",
                     target, address),
         *client});
  }
  return requests;
}

// Microseconds of processor time per request, the best of the rounds.
double measure(std::size_t requests, std::uint32_t rounds,
               const std::function<void(std::size_t)>& work) {
  double best = 1e9;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const double start = processor_seconds();
    for (std::size_t i = 0; i < requests; ++i) work(i);
    best = std::min(best, (processor_seconds() - start) * 1e6 / static_cast<double>(requests));
  }
  return best;
}

proto::LookupRequest parse(const Request& request, const http::Routes& routes) {
  const auto head = std::get<http::RequestHead>(http::parse_head(request.head));
  auto parsed = http::parse_lookup(routes, head.target, head.accept, request.client);
  return std::get<proto::LookupRequest>(std::move(parsed.result));
}

void run(const std::string& snapshot_path, const std::string& geoip, const std::string& list,
         std::uint32_t rounds) {
  const auto block = snapshot::Image::build(
      snapshot::decode_file(base::read_file(snapshot_path, snapshot::kMaxSnapshotBytes)));
  const snapshot::Image image(block);
  const auto geo = geo::GeoDatabase::load(std::vector<std::string>{geoip});
  const selection::Policy policy;
  const http::Routes routes{{"/pub/"}, {}};
  const auto requests = read_requests(list);
  const auto now = std::chrono::system_clock::now();

  std::vector<proto::LookupRequest> lookups;
  std::vector<selection::Client> clients;
  std::vector<proto::LookupResponse> responses;
  std::vector<std::string> frames(requests.size());
  std::size_t bytes = 0;
  for (const Request& request : requests) {
    lookups.push_back(parse(request, routes));
    responses.push_back(answer::answer_lookup(image, geo, policy, lookups.back(), now));
    wire::append_frame(1, responses.back(), frames[responses.size() - 1]);
    bytes += frames[responses.size() - 1].size();
  }

  std::string buffer;
  const auto show = [&](std::string_view stage, const std::function<void(std::size_t)>& work) {
    const double cost = measure(requests.size(), rounds, work);
    fmt::print("{:32} {:8.3f} us\n", stage, cost);
    return cost;
  };
  fmt::print("{} requests, {} bytes an answer\n", requests.size(), bytes / requests.size());
  double sum = show("parse the request", [&](std::size_t i) { parse(requests[i], routes); });
  sum += show("find, choose, write",
              [&](std::size_t i) { answer::answer_lookup(image, geo, policy, lookups[i], now); });
  show("  of it: locate the client",
       [&](std::size_t i) { answer::locate(image, geo, requests[i].client.unwrapped()); });
  sum += show("frame the response", [&](std::size_t i) {
    buffer.clear();
    wire::append_frame(1, responses[i], buffer);
  });
  sum += show("make the answer", [&](std::size_t i) {
    proto::LookupResponse response;
    response.ParseFromString(frames[i].substr(wire::kHeaderBytes));
    const auto answer = http::make_answer(std::move(response));
    buffer = http::encode_head(*answer, "Mon, 01 Jan 2001 00:00:00 GMT", http::Connection::kStays);
  });
  fmt::print("{:32} {:8.3f} us\n", "together", sum);
  const double yardstick =
      show("yardstick: copy the answer", [&](std::size_t i) { buffer = frames[i]; });
  fmt::print("{:32} {:8.1f}\n", "ratio", sum / yardstick);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    fmt::print(stderr, "usage: bench_stages SNAPSHOT GEOIP LIST [ROUNDS]\n");
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3], argc == 5 ? bench::parse_count(argv[4]) : 5);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_stages: {}\n", error.what());
    return 1;
  }
}
