#include "tests/support/loopback_association.h"

#include <utility>

#include "tests/support/loopback_end.h"

namespace mayfly {
namespace {

class LoopbackAssociation final : public Association {
 public:
  // An end keeps its peer weakly; the pair's common owner is each association holding both.
  LoopbackAssociation(std::shared_ptr<LoopbackEnd> end, std::shared_ptr<LoopbackEnd> peer)
      : end_(std::move(end)), peer_(std::move(peer)) {}
  ~LoopbackAssociation() override { end_->release(); }
  LoopbackAssociation(const LoopbackAssociation&) = delete;
  LoopbackAssociation& operator=(const LoopbackAssociation&) = delete;

  void set_observer(Observer* observer) override { end_->set_observer(observer); }
  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) override {
    return end_->send(std::move(message), options);
  }
  void abandon(MessageId id) override { end_->abandon(id); }
  [[nodiscard]] size_t send_buffer_free() const override { return end_->send_buffer_free(); }
  [[nodiscard]] size_t buffered_bytes() const override { return end_->buffered_bytes(); }
  [[nodiscard]] size_t max_message_bytes() const override {
    return end_->options().max_message_bytes;
  }
  [[nodiscard]] size_t max_chunk_payload_bytes() const override {
    return end_->options().max_chunk_payload_bytes;
  }
  [[nodiscard]] uint16_t outgoing_streams() const override { return end_->options().streams; }
  [[nodiscard]] AssociationStats stats() const override { return end_->stats(); }
  [[nodiscard]] std::string peer() const override { return end_->peer_name(); }
  void shutdown() override { end_->shutdown(); }
  void abort(const std::string& reason) override { end_->abort(reason); }

 private:
  std::shared_ptr<LoopbackEnd> end_;
  std::shared_ptr<LoopbackEnd> peer_;
};

}  // namespace

LoopbackPair make_loopback(Simulation& simulation, const LoopbackOptions& options,
                           const std::string& client_name, const std::string& server_name) {
  Random random(options.seed);
  const auto client = std::make_shared<LoopbackEnd>(
      simulation, options, options.to_server, options.to_client.delay, random.bits(), server_name);
  const auto server = std::make_shared<LoopbackEnd>(
      simulation, options, options.to_client, options.to_server.delay, random.bits(), client_name);
  client->join(server);
  server->join(client);
  return {std::make_unique<LoopbackAssociation>(client, server),
          std::make_unique<LoopbackAssociation>(server, client), client, server};
}

LoopbackPair connect_loopback(Simulation& simulation, const LoopbackOptions& options) {
  LoopbackPair pair = make_loopback(simulation, options, "client", "server");
  simulation.at(simulation.now() + options.to_server.delay + options.to_client.delay,
                [client = pair.client_controls, server = pair.server_controls] {
                  client->establish();
                  server->establish();
                });
  return pair;
}

}  // namespace mayfly
