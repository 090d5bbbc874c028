// Drives two associations of the engine with a sequence of commands read from the input: packets of
// theirs are delivered, lost, doubled, changed or swapped, chunks that nobody sent are put under
// the right tag, whole floods of them too, and time jumps. Strangers ask with parameters of any
// size, and servers answer with cookies of any size. Whatever comes, nothing is held beyond the
// bounds, and an association that has ended asks for nothing more.
#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <utility>

#include "core/check.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/socket/socket.h"

namespace {

using namespace mayfly;
using namespace mayfly::sctp;

constexpr size_t kPacketBytes = 600;
// Small, so that bounds are met soon, and as it is in production.
constexpr size_t kSmallWindowBytes = 20'000;
constexpr size_t kMaxMessageBytes = 30'000;
constexpr size_t kMaxUnderWay = 64;

const IpEndpoint kA = IpEndpoint::v4({10, 0, 0, 1}, 1000);
const IpEndpoint kB = IpEndpoint::v4({10, 0, 0, 2}, 2000);

SocketOptions options(bool interleaving, bool small) {
  const size_t window = small ? kSmallWindowBytes : TransportOptions{}.socket_receive_buffer_bytes;
  SocketOptions made = default_socket_options({.socket_receive_buffer_bytes = window,
                                               .send_queue_bytes = 60'000,
                                               .send_queue_low_bytes = 1'000,
                                               .max_received_message_bytes = kMaxMessageBytes,
                                               .max_packet_bytes = kPacketBytes});
  made.interleaving = interleaving;
  return made;
}

class Driver {
 public:
  Driver(bool interleaving, bool small)
      : options_(options(interleaving, small)), signer_(CookieSecret{}) {
    sides_[0].socket = std::make_unique<Socket>(
        options_, LocalSide{5000, VerificationTag(7), Tsn(0xfffffff0)}, uint16_t{9899},
        std::vector<IpEndpoint>{kB}, CookieSecret{std::byte{1}}, now_);
    answer_init();
  }

  void step(ByteReader& input) {
    const uint8_t command = input.u8();
    Side& side = sides_[command & 1U];
    switch (command >> 1U & 15U) {
      case 0:
      case 1:
      case 2: deliver(side); break;
      case 3: lose(side); break;
      case 4: change(side, input); break;
      case 5: inject(side, input); break;
      case 6: swap(side); break;
      case 7: now_ += Duration(input.u16() * 100); break;
      case 8: now_ += Duration(input.u8() * 1'000); break;
      case 9: side.fetches = !side.fetches; break;
      case 10: side.socket->abandon(MessageId(input.u8())); break;
      case 11:
        if (input.u8() % 8 == 0) side.socket->shutdown(now_);
        break;
      case 12: flood(side, input); break;
      case 13: ask_as_stranger(input); break;
      case 14: ask_a_stranger(input); break;
      default: send(side, input); break;
    }
    for (Side& each : sides_) settle(each);
  }

 private:
  struct Side {
    std::unique_ptr<Socket> socket;
    std::deque<Bytes> under_way;  // to this side
    bool fetches = true;
    bool ended = false;
  };

  [[nodiscard]] Side& other(const Side& side) { return sides_[&side == &sides_[0] ? 1 : 0]; }
  [[nodiscard]] const IpEndpoint& place_of(const Side& side) {
    return &side == &sides_[0] ? kA : kB;
  }

  // The handshake, without losses: what follows is what is driven.
  void answer_init() {
    Bytes memory(kPacketBytes);
    const auto init_packet = sides_[0].socket->next_packet(now_, memory);
    const auto view = PacketView::parse(init_packet->bytes);
    ChunkReader chunks = view->chunks();
    const auto init = InitChunk::parse(*chunks.next());
    Bytes answer_memory(kPacketBytes);
    const Bytes init_ack =
        make_init_ack(options_, *init, kA, 5000, {.local = {9899, VerificationTag(9), Tsn(100)}},
                      {}, signer_, now_);
    PacketBuilder builder({9899, 5000, VerificationTag(7)}, answer_memory);
    MAYFLY_CHECK(builder.add(WholeChunk{init_ack}));
    sides_[0].socket->receive(kB, *PacketView::parse(builder.finish()), now_);
    const auto echo_packet = sides_[0].socket->next_packet(now_, memory);
    const auto echo_view = PacketView::parse(echo_packet->bytes);
    ChunkReader echo = echo_view->chunks();
    const auto verdict = signer_.verify(echo.next()->value, now_);
    sides_[1].socket = std::make_unique<Socket>(options_, std::get<StateCookie>(verdict),
                                                CookieSecret{std::byte{2}}, now_);
    for (Side& each : sides_) settle(each);
  }

  void settle(Side& side) {
    Socket& socket = *side.socket;
    const auto next = socket.next_time(now_);
    MAYFLY_CHECK(!side.ended || !next);
    if (next && *next <= now_) socket.on_time(now_);
    Bytes memory(kPacketBytes);
    size_t packets = 0;
    while (const auto packet = socket.next_packet(now_, memory)) {
      MAYFLY_CHECK(++packets < 2000);
      Side& peer = other(side);
      if (peer.under_way.size() < kMaxUnderWay) {
        peer.under_way.emplace_back(packet->bytes.begin(), packet->bytes.end());
      }
    }
    while (side.fetches && socket.has_message()) (void)socket.take_message();
    while (const auto event = socket.next_event()) {
      MAYFLY_CHECK(!side.ended);
      side.ended = std::holds_alternative<Socket::Closed>(*event);
    }
    // What is held: eight windows where gaps are filled, a message that has begun, and a chunk.
    const size_t window = options_.transport.socket_receive_buffer_bytes;
    MAYFLY_CHECK(socket.held_bytes() <= 8 * window + kMaxMessageBytes + 70'000);
  }

  void receive(Side& side, const Bytes& bytes) {
    const auto packet = PacketView::parse(bytes);
    if (packet) side.socket->receive(place_of(other(side)), *packet, now_);
  }

  void deliver(Side& side) {
    if (side.under_way.empty()) return;
    const Bytes packet = std::move(side.under_way.front());
    side.under_way.pop_front();
    receive(side, packet);
  }
  void lose(Side& side) {
    if (!side.under_way.empty()) side.under_way.pop_front();
  }
  void swap(Side& side) {
    if (side.under_way.size() > 1) std::swap(side.under_way.front(), side.under_way.back());
  }
  // A packet whose checksum is right and whose content is not: only the tags are left as they are.
  void change(Side& side, ByteReader& input) {
    if (side.under_way.empty()) return;
    Bytes& packet = side.under_way.front();
    for (uint8_t count = input.u8() % 4; count > 0; --count) {
      const size_t at = kCommonHeaderBytes + input.u16() % (packet.size() - kCommonHeaderBytes);
      packet[at] = static_cast<std::byte>(input.u8());
    }
    deliver(side);
  }
  void inject(Side& side, ByteReader& input) {
    const size_t size = std::min<size_t>(input.u8(), input.rest().size());
    const ByteView chunks = input.take(size);
    Bytes packet(kCommonHeaderBytes);
    FieldWriter writer(packet);
    write_common_header(writer, {other(side).socket->local().port, side.socket->local().port,
                                 side.socket->local().tag});
    packet.insert(packet.end(), chunks.begin(), chunks.end());
    receive(side, packet);
  }
  // Chunks of a byte each, with a gap before each.
  void flood(Side& side, ByteReader& input) {
    UnwrappedTsn tsn = other(side).socket->sender().outstanding().next_tsn() + 1;
    const Bytes payload(1);
    for (uint16_t count = input.u16() % 2048; count > 0; --count, tsn = tsn + 2) {
      Bytes packet(kPacketBytes);
      PacketBuilder builder(
          {other(side).socket->local().port, side.socket->local().port, side.socket->local().tag},
          packet);
      DataChunk data;
      data.unordered = data.beginning = data.end = true;
      data.tsn = tsn.wrap();
      data.payload = payload;
      IDataChunk i_data;
      i_data.unordered = i_data.beginning = i_data.end = true;
      i_data.tsn = data.tsn;
      i_data.message = MessageIdentifier(count);
      i_data.payload = payload;
      MAYFLY_CHECK(options_.interleaving ? builder.add(i_data) : builder.add(data));
      const ByteView made = builder.finish();
      receive(side, Bytes(made.begin(), made.end()));
    }
  }
  // Parameters of these types and sizes; as many as an INIT holds.
  static Bytes parameters_of(ByteReader& input) {
    Bytes list;
    for (uint8_t count = input.u8() % 32; count > 0; --count) {
      const uint16_t type = input.u16();
      const Bytes value(input.u16() % 65'480);
      if (list.size() + value.size() < 65'480) TlvWriter(list).add(type, value);
    }
    return list;
  }
  void ask_as_stranger(ByteReader& input) {
    const Bytes parameters = parameters_of(input);
    const InitChunk init{.initiate_tag = VerificationTag(1),
                         .a_rwnd = 100'000,
                         .outbound_streams = 1,
                         .inbound_streams = 1,
                         .initial_tsn = Tsn(1),
                         .parameters = parameters};
    if (refusal_of(init.initiate_tag, 1, 1, parameters)) return;
    const Bytes init_ack = make_init_ack(
        options_, init, kA, 5000, {.local = {9899, VerificationTag(3), Tsn(1)}}, {}, signer_, now_);
    MAYFLY_CHECK(kCommonHeaderBytes + init_ack.size() <= kPacketBytes + kMaxPeerAddresses * 23);
  }
  void ask_a_stranger(ByteReader& input) {
    Socket socket(options_, LocalSide{5001, VerificationTag(5), Tsn(1)}, uint16_t{9899},
                  std::vector<IpEndpoint>{kB}, CookieSecret{std::byte{3}}, now_);
    Bytes memory(kPacketBytes);
    MAYFLY_CHECK(socket.next_packet(now_, memory));
    const Bytes parameters = parameters_of(input);
    Bytes packet(65'535);
    PacketBuilder builder({9899, 5001, VerificationTag(5)}, packet);
    MAYFLY_CHECK(builder.add(InitAckChunk{.initiate_tag = VerificationTag(6),
                                          .a_rwnd = 100'000,
                                          .outbound_streams = 1,
                                          .inbound_streams = 1,
                                          .initial_tsn = Tsn(1),
                                          .parameters = parameters}));
    socket.receive(kB, *PacketView::parse(builder.finish()), now_);
    MAYFLY_CHECK(socket.next_packet(now_, memory));
  }
  void send(Side& side, ByteReader& input) {
    if (!side.socket->is_open()) return;
    const uint8_t how = input.u8();
    SendOptions options{.ordered = (how & 1U) != 0,
                        .priority = static_cast<Priority>(how >> 1U & 3U),
                        .id = MessageId(how)};
    if ((how & 8U) != 0) {
      options.lifetime = Duration(1000 + input.u8() * 1000);
    } else if ((how & 16U) != 0) {
      options.max_retransmissions = how >> 5U & 3U;
    }
    const size_t bytes = 1 + input.u16() % 5'000;
    (void)side.socket->send({StreamId(static_cast<uint16_t>(how >> 6U)), Ppid(1), Bytes(bytes)},
                            options, now_);
  }

  SocketOptions options_;
  CookieSigner signer_;
  Timestamp now_{1s};
  Side sides_[2];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  ByteReader input(std::as_bytes(std::span(bytes, std::min<size_t>(size, 4096))));
  const uint8_t how = input.u8();
  Driver driver((how & 1U) != 0, (how & 2U) == 0);
  while (!input.rest().empty()) driver.step(input);
  return 0;
}
