#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "runtime/event_loop.h"
#include "tests/kernel_program/two_host_programs.h"
#include "tests/support/made_clip.h"
#include "transport/kernel/kernel_transport.h"
#include "wire/control.h"

namespace mayfly::testing {
namespace {

const ClipRecipe& kClip = declared({"clip.ts", test_picture(1) + "-c:v mpeg2video -g 10 -bf 2"});

Duration churn_time() {
  const char* seconds = std::getenv("MAYFLY_CHURN_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? 45 : std::atoi(seconds));
}

constexpr int kParts = 4;

// How a visitor leaves.
enum class Leaving : uint8_t { AsSoonAsConnected, AfterHello, WithGoodbye, InMidPlay };
constexpr size_t kWaysToLeave = 4;

// A player that comes, says a little and goes.
class Visitor final : private Association::Observer {
 public:
  Visitor(std::unique_ptr<Association> association, Leaving leaving)
      : association_(std::move(association)), leaving_(leaving) {
    association_->set_observer(this);
  }
  ~Visitor() override = default;

  [[nodiscard]] bool has_left() const { return has_left_; }
  [[nodiscard]] bool was_welcome() const { return was_welcome_; }

 private:
  void on_connected() override {
    if (leaving_ == Leaving::AsSoonAsConnected) {
      has_left_ = true;  // and is destroyed, which aborts
      return;
    }
    send(wire::Hello{.software = "churn", .features = {}});
    if (leaving_ == Leaving::AfterHello) association_->shutdown();
  }
  void on_message(Message message) override {
    if (message.stream != wire::kControlStream) {
      has_left_ |= leaving_ == Leaving::InMidPlay;
      return;
    }
    const auto heard = wire::parse_control(message.payload);
    if (!heard || !std::holds_alternative<wire::Welcome>(*heard)) return;
    was_welcome_ = true;
    if (leaving_ == Leaving::WithGoodbye) {
      send(wire::Bye{ErrorCode::Closed, "enough"});
      association_->shutdown();
    } else {
      send(wire::Play{.clip = "clip"});
    }
  }
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error&) override { has_left_ = true; }

  void send(const wire::ControlMessage& message) {
    // Where the server left first there is nobody to tell.
    static_cast<void>(association_->send(
        {wire::kControlStream, wire::kControlPpid, wire::serialize(message)}, {}));
  }

  std::unique_ptr<Association> association_;
  Leaving leaving_;
  bool has_left_ = false;
  bool was_welcome_ = false;
};

size_t lines_in(const std::string& file) {
  std::ifstream lines(file);
  size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  return count;
}

size_t descriptors_of(pid_t process) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(process) + "/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// Resident memory of its own, KiB.
size_t memory_of(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    size_t kib = 0;
    if (word == "RssAnon:" && status >> kib) return kib;
  }
  return 0;
}

class ChurnTest : public TwoHostTest {
 protected:
  void SetUp() override {
    TwoHostTest::SetUp();
    transport_ = std::move(*KernelTransport::create(loop_, loop_, loop_, {}));
  }

  // Sixteen visitors at a time, each replaced by the next when it has left. How many came.
  size_t churn(Duration duration) {
    const Timestamp end = loop_.now() + duration;
    size_t came = 0;
    while (loop_.now() < end) {
      while (visitors_.size() < 16) visitors_.push_back(next_visitor(came++));
      (void)loop_.run_until(
          [this] {
            return std::any_of(visitors_.begin(), visitors_.end(),
                               [](const auto& each) { return each->has_left(); });
          },
          std::max(end - loop_.now(), Duration::zero()));
      std::erase_if(visitors_, [this](const auto& each) {
        welcomed_ += each->has_left() && each->was_welcome() ? 1U : 0U;
        return each->has_left();
      });
    }
    visitors_.clear();
    return came;
  }
  std::unique_ptr<Visitor> next_visitor(size_t number) {
    std::unique_ptr<Association> association;
    hosts.on_client([&] {
      association = std::move(*transport_->connect({{TwoHosts::server_address(0, kPort)}}));
    });
    return std::make_unique<Visitor>(std::move(association),
                                     static_cast<Leaving>(number % kWaysToLeave));
  }
  // Associations that the kernel knows, on both hosts.
  size_t associations() {
    size_t count = 0;
    const auto look = [&count] { count += lines_in("/proc/self/net/sctp/assocs") - 1; };
    hosts.on_client(look);
    hosts.on_server(look);
    return count;
  }
  // What an ABORT was lost of is found out by a heartbeat, which may be lost as well.
  [[nodiscard]] bool all_are_gone() {
    return comes_true([this] { return associations() == 0; });
  }
  // A session's clip and memory go a little after its association.
  [[nodiscard]] bool comes_true(const std::function<bool()>& done) {
    const Timestamp end = loop_.now() + 25s;
    while (!done() && loop_.now() < end) (void)loop_.run_until([] { return false; }, 200ms);
    return done();
  }

  const MadeClip clip_{kClip};
  EventLoop loop_;
  std::unique_ptr<KernelTransport> transport_;
  std::vector<std::unique_ptr<Visitor>> visitors_;
  size_t welcomed_ = 0;
};

TEST_F(ChurnTest, ComingAndGoingAtAQuarterLossLeaksNothing) {
  const auto server = serve("10.0.0.2", {clip_.path(), "--transport.heartbeat_interval", "500ms"});
  const pid_t process = server->program().id();
  hosts.impair(0, {.delay = "5ms", .loss = "25%"});
  // The first visitors bring the server's buffers and caches to their size.
  const size_t before = churn(churn_time() / 3);
  ASSERT_TRUE(all_are_gone()) << associations() << " associations are left";
  const size_t descriptors = descriptors_of(process);
  const size_t memory = memory_of(process);

  // Memory that serves again and again grows in steps of a MiB or two, whenever more visitors than
  // ever are there at once. What leaks grows in each part of the time.
  std::vector<size_t> grown;
  size_t came = 0;
  size_t last = memory;
  for (int part = 0; part < kParts; ++part) {
    came += churn(churn_time() / kParts);
    ASSERT_TRUE(all_are_gone()) << associations() << " associations are left";
    const size_t now = memory_of(process);
    grown.push_back(now > last ? now - last : 0);
    last = now;
  }

  EXPECT_TRUE(comes_true([&] { return descriptors_of(process) == descriptors; }))
      << descriptors_of(process) << " descriptors, before they were " << descriptors;
  std::cout << "churn: " << came << " visitors after " << before << ", " << welcomed_
            << " were welcome; the server has " << descriptors << " descriptors and grew from "
            << memory << " KiB by " << ::testing::PrintToString(grown) << " KiB\n";
  EXPECT_GT(welcomed_, came / 4);
  // A session and its association take tens of KiB; a small part of one leaked each time would
  // show.
  EXPECT_LT(*std::min_element(grown.begin(), grown.end()), 128 + 2 * came / kParts);
  hosts.impair(0, {});
  server->end();
}

}  // namespace
}  // namespace mayfly::testing
