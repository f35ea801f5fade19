#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/integration/mirrorlist_client/fake_server.h"
#include "tests/integration/mirrorlist_client/http_peer.h"
#include "tests/integration/mirrorlist_client/worker_process.h"

using namespace mirrorway;
using namespace mirrorway::mirrorlist_client;
using namespace std::chrono_literals;
using tests::Conversation;
using tests::FakeServer;
using tests::HttpAnswer;
using tests::HttpPeer;
using tests::Worker;

namespace {

// A worker with a server that answers with the path that was asked for.
struct Service {
  explicit Service(FrontEnd::Settings settings = tests::patient_settings())
      : worker(std::move(settings)), server(worker.server_socket()) {
    server.start([](Conversation& client, unsigned) { client.answer_all(); });
  }

  Worker worker;
  FakeServer server;
};

std::string request(std::string_view path, std::string_view headers = {}) {
  return fmt::format("GET /mirrorlist?path={} HTTP/1.1\r\n{}\r\n", path, headers);
}

}  // namespace

TEST_CASE("requests sent ahead are answered in their order") {
  const Service service;
  HttpPeer peer(service.worker.port());
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += request(std::to_string(i));
  std::thread sender([&] { peer.send(requests); });
  for (int i = 0; i < 500; ++i) CHECK(peer.read().body == fmt::format("{}\n", i));
  sender.join();
}

TEST_CASE("requests may come in pieces") {
  const Service service;
  HttpPeer peer(service.worker.port());
  for (const char c : request("a")) peer.send(std::string(1, c));
  CHECK(peer.read().body == "a\n");
}

TEST_CASE("HEAD is GET without the body") {
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send("HEAD /mirrorlist?path=abc HTTP/1.1\r\n\r\n" + request("d"));
  const HttpAnswer head = peer.read(false);
  CHECK(head.status == 200);
  CHECK_THAT(head.head, Catch::Contains("\r\nContent-Length: 4\r\n"));
  CHECK(peer.read().body == "d\n");
}

TEST_CASE("other methods are refused, and their bodies do not become requests") {
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send("POST /mirrorlist?path=a HTTP/1.1\r\nContent-Length: 40\r\n\r\n" +
            std::string("GET /mirrorlist?path=smuggled HTTP/1.1\r\n") + request("b"));
  const HttpAnswer answer = peer.read();
  CHECK(answer.status == 405);
  CHECK_THAT(answer.head, Catch::Contains("\r\nAllow: GET, HEAD\r\n"));
  CHECK(peer.read().body == "b\n");
  peer.send("PUT /metalink?path=a HTTP/1.1\r\n\r\n");
  const HttpAnswer document = peer.read();
  CHECK(document.status == 405);
  CHECK_THAT(document.head, Catch::Contains("\r\nContent-Type: application/metalink+xml"));
}

TEST_CASE("what was sent ahead is answered when the client has closed its side") {
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send(request("a") + request("b") + request("c"));
  peer.close_sending();
  for (const char* body : {"a\n", "b\n", "c\n"}) CHECK(peer.read().body == body);
  CHECK(peer.is_closed());
}

TEST_CASE("the connection ends when the client or the version of HTTP says so") {
  struct Row {
    const char* request;
    bool is_closed;
  };
  const auto row = GENERATE(values<Row>({
      {"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n", true},
      {"GET /x HTTP/1.0\r\n\r\n", true},
      {"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false},
      {"GET /x HTTP/1.1\r\n\r\n", false},
  }));
  CAPTURE(row.request);
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send(row.request);
  const HttpAnswer answer = peer.read();
  CHECK(answer.status == 404);
  CHECK_THAT(answer.head, Catch::Contains(row.is_closed ? "\r\nConnection: close\r\n"
                                                        : "\r\nConnection: keep-alive\r\n"));
  if (row.is_closed) {
    CHECK(peer.is_closed());
  } else {
    peer.get("/mirrorlist?path=a");
    CHECK(peer.read().status == 200);
  }
}

TEST_CASE("what is no request is answered with one line, then the connection ends") {
  struct Row {
    std::string bytes;
    unsigned status;
  };
  const auto row = GENERATE(values<Row>({
      {"nonsense\r\n\r\n", 400},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", 414},
      {"GET /" + std::string(100'000, 'a'), 414},
      {"GET / HTTP/1.1\r\nA: " + std::string(100'000, 'a') + "\r\n\r\n", 431},
      {"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'a'), 413},
      {"GET / HTTP/3.0\r\n\r\n", 505},
  }));
  CAPTURE(row.status);
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send(row.bytes);
  const HttpAnswer answer = peer.read();
  CHECK(answer.status == row.status);
  CHECK_THAT(answer.head, Catch::Contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  CHECK(answer.body.find('\n') == answer.body.size() - 1);
  CHECK(peer.is_closed());
}

TEST_CASE("a client that has closed its side still gets its answer") {
  const Service service;
  HttpPeer peer(service.worker.port());
  peer.send(request("a"));
  peer.close_sending();
  CHECK(peer.read().body == "a\n");
  CHECK(peer.is_closed());
}

TEST_CASE("a long answer arrives whole, however slowly it is read") {
  const std::string list(4 << 20U, 'x');
  const Worker worker;
  FakeServer server(worker.server_socket());
  server.start([&](Conversation& client, unsigned) {
    while (const auto asked = client.read()) {
      proto::LookupResponse response;
      response.set_status(200);
      response.set_body(list);
      client.answer(asked->id, response);
    }
  });
  HttpPeer peer(worker.port());
  peer.send(request("a") + request("b"));
  CHECK(peer.read().body == list);
  CHECK(peer.read().body == list);
}

TEST_CASE("only trusted proxies are believed about the client") {
  struct Row {
    std::vector<net::Prefix> trusted;
    const char* expected;
  };
  const auto loopback = *net::Prefix::parse("127.0.0.0/8");
  for (const Row& row : {Row{{}, "127.0.0.1"}, Row{{loopback}, "198.51.100.7"}}) {
    FrontEnd::Settings settings = tests::patient_settings();
    settings.trusted_proxies = row.trusted;
    const Worker worker(settings);
    FakeServer server(worker.server_socket());
    server.start([](Conversation& client, unsigned) {
      while (const auto asked = client.read()) {
        proto::LookupResponse response;
        response.set_status(200);
        response.set_body(net::Address::from_bytes(asked->message.client_address())->text());
        client.answer(asked->id, response);
      }
    });
    HttpPeer peer(worker.port());
    peer.send(request("a", "X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: 198.51.100.7\r\n"));
    CHECK(peer.read().body == row.expected);
  }
}

TEST_CASE("idle and dripping connections are closed") {
  FrontEnd::Settings settings = tests::patient_settings();
  settings.http.timeouts.idle = 100ms;
  settings.http.timeouts.request = 200ms;
  const Service service(settings);
  HttpPeer idle(service.worker.port());
  idle.send(request("a"));
  CHECK(idle.read().status == 200);
  HttpPeer dripping(service.worker.port());
  dripping.send("GET /");
  CHECK(idle.is_closed());
  CHECK(dripping.is_closed());
}

TEST_CASE("connections past the limit wait for their turn") {
  FrontEnd::Settings settings = tests::patient_settings();
  settings.http.max_connections = 2;
  const Service service(settings);
  HttpPeer first(service.worker.port());
  HttpPeer second(service.worker.port());
  first.send(request("1"));
  second.send(request("2"));
  CHECK(first.read().body == "1\n");
  CHECK(second.read().body == "2\n");
  HttpPeer third(service.worker.port());
  third.send(request("3"));
  first.close();
  CHECK(third.read().body == "3\n");
}

TEST_CASE("connections without a request make way for those with one") {
  FrontEnd::Settings settings = tests::patient_settings();
  settings.http.max_connections = 20;
  const Service service(settings);
  std::vector<HttpPeer> idle;
  for (int i = 0; i < 60; ++i) {
    idle.emplace_back(service.worker.port());
    if (i % 2 == 0) idle.back().send("GET /mirrorlist?path=");
  }
  HttpPeer peer(service.worker.port());
  peer.send(request("a"));
  CHECK(peer.read().body == "a\n");
  CHECK(idle.front().is_closed());
}

TEST_CASE("clients that do not read their answers do not fill the memory") {
  const std::string list(7 << 20U, 'x');
  FrontEnd::Settings settings = tests::patient_settings();
  const Worker worker(settings);
  FakeServer server(worker.server_socket());
  server.start([&](Conversation& client, unsigned) {
    while (const auto asked = client.read()) {
      proto::LookupResponse response;
      response.set_status(200);
      response.set_body(asked->message.path() == "short" ? "short" : list);
      client.answer(asked->id, response);
    }
  });
  std::vector<HttpPeer> unreading;
  for (int i = 0; i < 24; ++i) {
    unreading.emplace_back(worker.port());
    unreading.back().send(request("long"));
  }
  HttpPeer peer(worker.port());
  peer.send(request("short"));
  CHECK(peer.read().body == "short");
  int whole = 0;
  for (HttpPeer& each : unreading) whole += each.read().body == list ? 1 : 0;
  // 64 MiB and what the kernel holds, of 168 MiB.
  CHECK(whole >= 8);
  CHECK(whole < 24);
}

TEST_CASE("a worker that is told to stop finishes what is under way") {
  Worker worker;
  FakeServer server(worker.server_socket());
  std::atomic<bool> has_request = false;
  std::atomic<bool> may_answer = false;
  server.start([&](Conversation& client, unsigned) {
    while (const auto asked = client.read()) {
      has_request = true;
      while (!may_answer) std::this_thread::yield();
      client.answer(*asked);
    }
  });
  HttpPeer busy(worker.port());
  busy.send(request("a"));
  while (!has_request) std::this_thread::yield();
  worker.terminate();
  may_answer = true;
  const HttpAnswer answer = busy.read();
  CHECK(answer.body == "a\n");
  busy.close();
  CHECK(worker.wait() == 0);
}
