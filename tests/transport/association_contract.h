#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transport/transport.h"
#include "transport/transport_options.h"

namespace mayfly {

// Two hosts, a transport on each, and a link between them: what every implementation of Transport
// brings along to be tested by the contract.
class ContractEnvironment {
 public:
  // The link in both directions. Defaults are the state at the start.
  struct Link {
    double loss = 0;
    Duration delay = 10ms;           // one way
    std::optional<DataRate> rate{};  // none: unlimited
    bool cut = false;                // nothing passes
  };

  virtual ~ContractEnvironment() = default;
  [[nodiscard]] virtual Transport& server() = 0;
  [[nodiscard]] virtual Transport& client() = 0;
  // Where the server can listen.
  [[nodiscard]] virtual TransportAddress server_address() const = 0;
  // Where nobody answers.
  [[nodiscard]] virtual TransportAddress deserted_address() const = 0;
  // False when there is no such link here; the test is skipped then.
  [[nodiscard]] virtual bool set_link(const Link& link) = 0;
  // Lets the loop run until `done` holds, at most for `limit`. Whether it held.
  [[nodiscard]] virtual bool run_until(const std::function<bool()>& done, Duration limit) = 0;
  // Whether the stack tells of each message that it gave up after sending it.
  [[nodiscard]] virtual bool tells_of_abandoned_after_sending() const { return true; }
  // Whether an abort carries its reason to the peer.
  [[nodiscard]] virtual bool tells_why_it_aborts() const { return true; }
};

// What tests/transport/association_contract*.cc asks of every Association. Instantiate with
//   INSTANTIATE_TEST_SUITE_P(Name, AssociationContract, ::testing::Values(&make_environment));
class AssociationContract
    : public ::testing::TestWithParam<std::unique_ptr<ContractEnvironment> (*)(
          const TransportOptions& options)> {
 protected:
  // Notes everything; the hooks run after the noting.
  class Recorder final : public Association::Observer {
   public:
    void on_connected() override;
    void on_message(Message message) override;
    void on_message_abandoned(MessageId id, Abandonment what) override;
    void on_send_buffer_low() override;
    void on_event(const TransportEvent& event) override;
    void on_closed(const Error& reason) override;

    [[nodiscard]] size_t count_abandoned(Abandonment what) const;
    [[nodiscard]] size_t count_events(TransportEventKind kind) const;
    [[nodiscard]] bool has_received(uint64_t number) const;

    int connected = 0;
    int lows = 0;
    std::vector<Message> messages;
    std::vector<std::pair<uint64_t, Abandonment>> abandoned;
    std::vector<TransportEvent> events;
    std::optional<Error> closed;
    bool inside_call = false;  // set by tests around their calls: no callback may come then
    std::function<void()> after_connected = [] {};
    std::function<void()> after_message = [] {};
    std::function<void()> after_abandoned = [] {};
    std::function<void()> after_low = [] {};
    std::function<void()> after_closed = [] {};

   private:
    void check_call() const;
  };

  // One side of a connection.
  struct Side {
    Recorder recorder;
    std::unique_ptr<Association> association;
  };

  void use(const TransportOptions& options);
  void listen();
  // Begins a connection without waiting for it.
  void begin();
  // Both sides are up afterwards.
  void connect();
  void connect(const TransportOptions& options) {
    use(options);
    connect();
  }
  // Skips the rest of the test where there is no such link.
  [[nodiscard]] bool set_link(const ContractEnvironment::Link& link);
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit = 30s);
  void run_for(Duration duration) {
    (void)environment_->run_until([] { return false; }, duration);
  }

  // A message that carries its number and whose every byte is known.
  [[nodiscard]] static Message numbered(uint64_t number, size_t bytes,
                                        StreamId stream = StreamId(1));
  // The number of such a message, if every byte of it is right.
  [[nodiscard]] static std::optional<uint64_t> number_of(const Message& message);
  // The numbers of what arrived in order; a wrong byte is a failure.
  [[nodiscard]] static std::vector<uint64_t> numbers_of(const std::vector<Message>& messages);
  // Sends from the client a message whose id is its number.
  [[nodiscard]] Result<void> send(uint64_t number, size_t bytes, SendOptions options = {},
                                  StreamId stream = StreamId(1));

  // Below everything that lives on it.
  std::unique_ptr<ContractEnvironment> environment_;
  std::unique_ptr<Listener> listener_;
  Side client_;
  Side server_;
};

}  // namespace mayfly
