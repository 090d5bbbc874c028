#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "netsim/simulation.h"
#include "tests/transport_sctp/secret_of.h"
#include "transport/sctp/engine_transport.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/packet_builder.h"

namespace mayfly::sctp {

// The server is the engine's; everybody else is played by hand, from any address.
class PlayedByHand : public ::testing::Test {
 protected:
  static const inline IpEndpoint kServer = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  static constexpr uint16_t kServerPort = 9899;
  static constexpr uint16_t kPeerPort = 50'000;

  [[nodiscard]] static IpEndpoint host(uint8_t number, uint16_t port = 7000) {
    return IpEndpoint::v4({10, 0, 1, number}, port);
  }

  // A packet socket that anybody can put packets into.
  class TappedSocket final : public PacketSocket {
   public:
    struct Sent {
      IpEndpoint to;
      Bytes packet;
    };
    void send(const IpEndpoint& to, ByteView packet) override {
      sent.push_back({to, Bytes(packet.begin(), packet.end())});
    }
    void set_receiver(Receiver receiver) override { receiver_ = std::move(receiver); }
    [[nodiscard]] IpEndpoint local() const override { return kServer; }
    [[nodiscard]] size_t max_packet_bytes() const override { return 1252; }
    void arrive(const IpEndpoint& from, ByteView packet) { receiver_(from, packet); }
    [[nodiscard]] std::vector<Sent> take() { return std::exchange(sent, {}); }

    std::vector<Sent> sent;

   private:
    Receiver receiver_;
  };

  class Owner final : public Association::Observer {
   public:
    void on_connected() override {}
    void on_message(Message message) override { messages.push_back(std::move(message)); }
    void on_message_abandoned(MessageId, Abandonment) override {}
    void on_event(const TransportEvent& event) override { events.push_back(event); }
    void on_send_buffer_low() override {}
    void on_closed(const Error& reason) override { closed = reason; }

    std::vector<Message> messages;
    std::vector<TransportEvent> events;
    std::optional<Error> closed;
  };

  // What a peer knows of its association.
  struct Peer {
    IpEndpoint at;
    VerificationTag own_tag;
    VerificationTag server_tag;
    Tsn server_tsn;
    Bytes cookie;
  };

  explicit PlayedByHand(const TransportOptions& options = {})
      : server_(simulation_, simulation_, socket_, default_socket_options(options), secret_of(1)),
        listener_(std::move(*server_.listen({{kServer}}))) {
    listener_->set_acceptor([this](std::unique_ptr<Association> association) {
      owners_.push_back(std::make_unique<Owner>());
      association->set_observer(owners_.back().get());
      associations_.push_back(std::move(association));
    });
  }

  template <class... Chunks>
  void send(const IpEndpoint& from, VerificationTag tag, const Chunks&... chunks) {
    Bytes memory(65'507);
    PacketBuilder builder({kPeerPort, kServerPort, tag}, memory);
    ASSERT_TRUE((builder.add(chunks) && ...));
    socket_.arrive(from, builder.finish());
  }
  void send_init(const IpEndpoint& from, uint32_t tag, const std::vector<IpEndpoint>& more = {},
                 const Bytes& others = {}) {
    Bytes parameters;
    InitParameterWriter writer(parameters);
    for (const IpEndpoint& address : more) writer.address(address);
    writer.forward_tsn_supported();
    parameters.insert(parameters.end(), others.begin(), others.end());
    send(from, VerificationTag(0),
         InitChunk{.initiate_tag = VerificationTag(tag),
                   .a_rwnd = 100'000,
                   .outbound_streams = 4,
                   .inbound_streams = 4,
                   .initial_tsn = Tsn(1),
                   .parameters = parameters});
  }
  // The first two messages of the handshake.
  Peer ask(const IpEndpoint& from, uint32_t tag, const std::vector<IpEndpoint>& more = {}) {
    (void)socket_.take();
    send_init(from, tag, more);
    Peer peer;
    peer.at = from;
    peer.own_tag = VerificationTag(tag);
    const auto answers = socket_.take();
    EXPECT_EQ(answers.size(), 1U);
    if (answers.empty()) return peer;
    const auto packet = PacketView::parse(answers.front().packet);
    const auto init_ack = InitAckChunk::parse(*packet->chunks().next());
    EXPECT_TRUE(init_ack);
    if (!init_ack) return peer;
    peer.server_tag = init_ack->initiate_tag;
    peer.server_tsn = init_ack->initial_tsn;
    const auto parameters = InitParameters::parse(init_ack->parameters);
    peer.cookie.assign(parameters->state_cookie->begin(), parameters->state_cookie->end());
    return peer;
  }
  void echo(const Peer& peer) {
    send(peer.at, peer.server_tag, CookieEchoChunk{.cookie = peer.cookie});
    simulation_.run_for(1ms);
  }
  Peer connect(const IpEndpoint& from, uint32_t tag, const std::vector<IpEndpoint>& more = {}) {
    const Peer peer = ask(from, tag, more);
    echo(peer);
    return peer;
  }
  void send_data(const IpEndpoint& from, VerificationTag tag, uint32_t tsn, size_t bytes = 10) {
    const Bytes payload(bytes, std::byte{1});
    DataChunk chunk;
    chunk.unordered = chunk.beginning = chunk.end = true;
    chunk.tsn = Tsn(tsn);
    chunk.payload = payload;
    send(from, tag, chunk);
    simulation_.run_for(1ms);
  }
  [[nodiscard]] bool is_alive(size_t number) const { return !owners_[number]->closed; }
  // What went to an address, by the types of the chunks.
  [[nodiscard]] static std::vector<ChunkType> types_to(const std::vector<TappedSocket::Sent>& sent,
                                                       const IpEndpoint& to) {
    std::vector<ChunkType> types;
    for (const auto& each : sent) {
      if (each.to != to) continue;
      ChunkReader chunks = PacketView::parse(each.packet)->chunks();
      while (const auto chunk = chunks.next()) types.push_back(chunk->type);
    }
    return types;
  }
  // The info of the last heartbeat that went to an address.
  [[nodiscard]] std::optional<Bytes> heartbeat_to(const IpEndpoint& to) const {
    std::optional<Bytes> info;
    for (const auto& each : socket_.sent) {
      const auto chunk = PacketView::parse(each.packet)->chunks().next();
      const auto beat = HeartbeatChunk::parse(*chunk);
      if (beat && each.to == to) info.emplace(beat->info.begin(), beat->info.end());
    }
    return info;
  }

  Simulation simulation_;
  TappedSocket socket_;
  EngineTransport server_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Owner>> owners_;
  std::vector<std::unique_ptr<Association>> associations_;
};

}  // namespace mayfly::sctp
