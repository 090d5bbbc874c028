#pragma once

#include <memory>
#include <utility>

#include "netsim/simulated_network.h"

namespace mayfly {

// A player's socket behind a router: the router may give it another port in mid-play, as one that
// forgets its table does, and whoever holds it may vanish without a word.
class MovableSocket final : public PacketSocket {
 public:
  MovableSocket(SimulatedNetwork& network, const IpEndpoint& local)
      : network_(network), inside_(local), outside_(network.bind(local)) {}

  // What leaves from now on comes from another port; what still goes to the old one is lost.
  void move_to_another_port() {
    IpEndpoint elsewhere = inside_;
    elsewhere.port = 0;
    outside_ = network_.bind(elsewhere);
    outside_->set_receiver(receiver_);
  }
  // Nothing comes or goes any more.
  void fall_silent() { outside_.reset(); }

  void send(const IpEndpoint& to, ByteView packet) override {
    if (outside_) outside_->send(to, packet);
  }
  void set_receiver(Receiver receiver) override {
    receiver_ = std::move(receiver);
    if (outside_) outside_->set_receiver(receiver_);
  }
  [[nodiscard]] IpEndpoint local() const override { return inside_; }
  [[nodiscard]] size_t max_packet_bytes() const override { return max_packet_bytes_; }
  // As the rest of the world sees it.
  [[nodiscard]] IpEndpoint outside() const { return outside_ ? outside_->local() : inside_; }

 private:
  SimulatedNetwork& network_;
  const IpEndpoint inside_;
  std::unique_ptr<PacketSocket> outside_;
  const size_t max_packet_bytes_ = outside_->max_packet_bytes();
  Receiver receiver_;
};

}  // namespace mayfly
