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
using tests::fetch;
using tests::HttpAnswer;
using tests::HttpPeer;
using tests::Worker;

namespace {

FrontEnd::Settings patient(std::uint32_t connections) {
  FrontEnd::Settings settings = tests::patient_settings();
  settings.lookups.connections = connections;
  return settings;
}

std::string target(int i) {
  return fmt::format("/mirrorlist?path=pub/{}", i);
}

std::string body(int i) {
  return fmt::format("pub/{}\n", i);
}

// Clients at the same time, each with a connection of its own; how many got their own answer.
int count_right_answers(std::uint16_t port, int clients, int requests) {
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(clients));
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] {
      HttpPeer peer(port);
      for (int i = client * requests; i < (client + 1) * requests; ++i) {
        peer.get(target(i));
        const HttpAnswer answer = peer.read();
        if (answer.status == 200 && answer.body == body(i)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return right;
}

}  // namespace

TEST_CASE("a lookup's answer becomes an HTTP answer") {
  Worker worker;
  FakeServer server(worker.server_socket());
  server.start([](Conversation& client, unsigned) { client.answer_all(); });
  const HttpAnswer answer = fetch(worker.port(), "/mirrorlist?path=//pub/linux/");
  CHECK(answer.status == 200);
  CHECK(answer.body == "pub/linux\n");
  for (const char* header :
       {"HTTP/1.1 200 OK\r\n", "\r\nContent-Type: text/plain; charset=utf-8\r\n",
        "\r\nContent-Length: 10\r\n", "\r\nCache-Control: private, max-age=60\r\n",
        "\r\nX-Mirrorway-Found-Via: country\r\n", "\r\nConnection: keep-alive\r\n", "\r\nDate: "})
    CHECK_THAT(answer.head, Catch::Contains(header));
  CHECK_THAT(answer.head, !Catch::Contains("Last-Modified"));
  worker.terminate();
  CHECK(worker.wait() == 0);
}

TEST_CASE("answers that come out of order find their requests") {
  Worker worker(patient(1));
  FakeServer server(worker.server_socket());
  server.start([](Conversation& client, unsigned) {
    while (true) {
      std::vector<Conversation::Request> requests;
      for (int i = 0; i < 8; ++i) {
        auto request = client.read();
        if (!request) return;
        requests.push_back(*std::move(request));
      }
      for (; !requests.empty(); requests.pop_back()) client.answer(requests.back());
    }
  });
  // As many clients as the server waits for, in step.
  CHECK(count_right_answers(worker.port(), 8, 1) == 8);
  CHECK(count_right_answers(worker.port(), 8, 1) == 8);
}

TEST_CASE("who is asked beside a lookup that kills the server's child is answered") {
  const std::uint32_t connections = GENERATE(1U, 2U, 4U);
  CAPTURE(connections);
  Worker worker(patient(connections));
  FakeServer server(worker.server_socket());
  server.start([](Conversation& client, unsigned) {
    while (auto request = client.read()) {
      if (request->message.path() == "pub/killer") return;
      client.answer(*request);
    }
  });
  std::atomic<bool> is_over = false;
  std::atomic<int> others = 0;  // what killers were answered, but for 503
  constexpr int kKillers = 3;
  std::vector<std::thread> killers;
  killers.reserve(kKillers);
  for (int i = 0; i < kKillers; ++i)
    killers.emplace_back([&] {
      while (!is_over)
        if (fetch(worker.port(), "/mirrorlist?path=pub/killer").status != 503) ++others;
    });
  // With one connection killers and others take turns, and it is slowly made again.
  const int requests = connections == 1 ? 5 : 50;
  CHECK(count_right_answers(worker.port(), 8, requests) == 8 * requests);
  is_over = true;
  for (std::thread& killer : killers) killer.join();
  CHECK(others == 0);
}

TEST_CASE("who has met two ends and then silence is asked where somebody answers") {
  FrontEnd::Settings settings = patient(2);
  settings.lookups.timeout = 6s;  // half of it is silence
  Worker worker(settings);
  FakeServer server(worker.server_socket());
  constexpr int kClients = 8;
  std::atomic<int> read = 0;
  server.start([&](Conversation& client, unsigned number) {
    if (number <
        2) {  // both end: the first with all lookups, the other with what is sent there then
      while (read < kClients)
        if (client.read()) ++read;
      return;
    }
    if (number == 2) return client.answer_all();
    while (client.read()) {  // nobody is there
    }
  });
  CHECK(count_right_answers(worker.port(), kClients, 1) == kClients);
}

TEST_CASE("whatever happens to connections to the server, every request is answered") {
  struct Row {
    const char* what;
    FakeServer::Script script;
  };
  const auto garbage = [](std::string_view bytes) {
    return [bytes](Conversation& client, unsigned number) {
      if (number % 2 == 0 && client.read()) return client.send(bytes);
      client.answer_all();
    };
  };
  static const std::string kBadLength(200, '\xFF');
  using namespace std::string_view_literals;
  const std::vector<Row> rows{
      {"closes without answering",
       [](Conversation& client, unsigned number) {
         if (number < 3) return void(client.read());
         client.answer_all();
       }},
      {"closes after every ten answers",
       [](Conversation& client, unsigned) {
         for (int i = 0; i < 10; ++i) {
           const auto request = client.read();
           if (!request) return;
           client.answer(*request);
         }
       }},
      {"cuts an answer off",
       [](Conversation& client, unsigned number) {
         if (number < 3 && client.read()) return client.send("\x40\0\0\0\1\0\0\0abc"sv);
         client.answer_all();
       }},
      {"sends a length past all bounds", garbage(kBadLength)},
      {"sends a payload that is no message, under an id that is waited for",
       garbage("\2\0\0\0\1\0\0\0\xFF\xFF"sv)},
      {"answers requests that nobody made",
       [](Conversation& client, unsigned) {
         while (const auto request = client.read()) {
           proto::LookupResponse response;
           response.set_status(404);
           client.answer(request->id + 1000, response);
           client.answer(*request);
           client.answer(request->id, response);  // a second time
         }
       }},
      {"goes silent",
       [](Conversation& client, unsigned number) {
         if (number > 0) return client.answer_all();
         while (client.read()) {
         }
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Worker worker(patient(2));
    FakeServer server(worker.server_socket());
    server.start(row.script);
    CHECK(count_right_answers(worker.port(), 10, 10) == 100);
  }
}

TEST_CASE("where nobody has answered yet, no lookup waits while another connection answers") {
  FrontEnd::Settings settings = patient(2);
  settings.lookups.timeout = 10s;
  Worker worker(settings);
  FakeServer server(worker.server_socket());
  std::atomic<int> unanswered = 0;
  // A server that can serve nobody new any more.
  server.start([&](Conversation& client, unsigned number) {
    if (number == 1) return client.answer_all();
    if (number == 0) {
      if (const auto request = client.read()) client.answer(*request);
      return;
    }
    while (client.read()) ++unanswered;
  });
  CHECK(count_right_answers(worker.port(), 1, 20) == 20);
  CHECK(unanswered <= 1);
}

TEST_CASE("a request that kills every connection is given up after four of them") {
  Worker worker(patient(2));
  FakeServer server(worker.server_socket());
  std::atomic<int> attempts = 0;
  server.start([&](Conversation& client, unsigned) {
    if (client.read()) ++attempts;
  });
  const HttpAnswer answer = fetch(worker.port(), target(1));
  CHECK(answer.status == 503);
  CHECK_THAT(answer.head, Catch::Contains("\r\nRetry-After: 1\r\n") &&
                              Catch::Contains("\r\nCache-Control: no-store\r\n"));
  CHECK(attempts == 4);
}

TEST_CASE(
    "without a server requests are told to come back, and answered when it is there in time") {
  FrontEnd::Settings hasty;
  hasty.lookups.timeout = 50ms;
  const Worker worker(hasty);
  CHECK(fetch(worker.port(), target(1)).status == 503);

  const Worker waiting(patient(1));
  HttpPeer peer(waiting.port());
  peer.get(target(2));
  FakeServer server(waiting.server_socket());
  server.start([](Conversation& client, unsigned) { client.answer_all(); });
  CHECK(peer.read().body == body(2));
}

TEST_CASE("a server that never answers costs a request its time and no more") {
  FrontEnd::Settings hasty;
  hasty.lookups.timeout = 100ms;
  const Worker worker(hasty);
  FakeServer server(worker.server_socket());
  server.start([](Conversation& client, unsigned) {
    while (client.read()) {
    }
  });
  CHECK(fetch(worker.port(), target(1)).status == 503);
}

TEST_CASE("what the server may not say becomes a 503") {
  const Worker worker(patient(1));
  FakeServer server(worker.server_socket());
  server.start([](Conversation& client, unsigned) {
    while (const auto request = client.read()) {
      proto::LookupResponse response;
      response.set_status(302);
      response.set_location("https://a/\r\nSet-Cookie: x");
      client.answer(request->id, response);
    }
  });
  const HttpAnswer answer = fetch(worker.port(), target(1));
  CHECK(answer.status == 503);
  CHECK_THAT(answer.head, !Catch::Contains("Set-Cookie"));
}

TEST_CASE("the answer for a client that has gone is dropped") {
  const Worker worker(patient(1));
  FakeServer server(worker.server_socket());
  std::atomic<int> requests = 0;
  server.start([&](Conversation& client, unsigned) {
    const auto first = client.read();
    ++requests;
    const auto second = client.read();
    if (!first || !second) return;
    client.answer(*first);
    client.answer(*second);
    client.answer_all();
  });
  {
    const HttpPeer gone(worker.port());
    gone.get(target(1));
    while (requests == 0) std::this_thread::yield();
  }
  CHECK(fetch(worker.port(), target(2)).body == body(2));
}
