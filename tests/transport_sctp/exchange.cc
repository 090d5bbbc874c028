#include "tests/transport_sctp/exchange.h"

#include <algorithm>
#include <utility>

#include "transport/sctp/packet/packet_builder.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kPacketBytes = 1252;

// With the payload that fills a packet.
SenderOptions filling(SenderOptions options, bool interleaving) {
  const size_t header = interleaving ? IDataChunk::kHeaderBytes : DataChunk::kHeaderBytes;
  options.outbox.max_fragment_bytes = kPacketBytes - kCommonHeaderBytes - header;
  return options;
}

std::byte byte_at(uint64_t number, size_t place) {
  return static_cast<std::byte>((number * 131 + place * 7 + (place >> 8)) & 0xff);
}

template <class Chunk>
Chunk to_chunk(const ChunkToSend& next) {
  const MessageInTransit& message = *next.fragment.message;
  Chunk chunk;
  chunk.immediate = next.immediate;
  chunk.unordered = !message.ordered;
  chunk.beginning = next.fragment.begins();
  chunk.end = next.fragment.ends();
  chunk.tsn = next.tsn.wrap();
  chunk.stream = message.message.stream;
  chunk.ppid = message.message.ppid;
  chunk.payload = next.fragment.payload();
  return chunk;
}

}  // namespace

Exchange::Exchange(const Setup& setup)
    : setup_(setup),
      data_(setup.data, setup.seed, simulation_.now()),
      acks_(setup.acks, setup.seed + 1000, simulation_.now()),
      sender_(filling(setup.sender, setup.interleaving), setup.initial),
      receiver_(setup.receiver, setup.initial, setup.interleaving),
      timer_(simulation_.create([this] {
        (void)sender_.on_time(simulation_.now());
        pump();
      })) {
  (void)sender_.add_path();
  sender_.connected({.a_rwnd = static_cast<uint32_t>(setup.receiver.window_bytes),
                     .forward_tsn = setup.forward_tsn,
                     .interleaving = setup.interleaving});
}

void Exchange::set_links(const LinkModel& data, const LinkModel& acks) {
  data_ = Link(data, setup_.seed + 7, simulation_.now());
  acks_ = Link(acks, setup_.seed + 1007, simulation_.now());
}

Result<void> Exchange::send(uint64_t number, size_t bytes, SendOptions options, StreamId stream) {
  Message message{stream, Ppid(7), Bytes(std::max<size_t>(bytes, 8))};
  for (size_t i = 0; i < message.payload.size(); ++i) message.payload[i] = byte_at(number, i);
  Bytes head;
  ByteWriter(head).u64(number);
  std::copy(head.begin(), head.end(), message.payload.begin());
  options.id = MessageId(number);
  auto result = sender_.push(std::move(message), options, simulation_.now());
  pump();
  return result;
}

void Exchange::pump() {
  transmit();
  for (const MessageFate& fate : sender_.take_fates()) fates_.push_back(fate);
  timer_->stop();
  if (const auto next = sender_.next_time(0, simulation_.now())) {
    timer_->start(std::max(*next - simulation_.now(), Duration::zero()));
  }
}

void Exchange::transmit() {
  for (;;) {
    Bytes packet(kPacketBytes);
    if (!fill(packet)) return;
    ++packets_;
    post(data_, packet.size(), [this, packet] { arrive(packet); });
  }
}

bool Exchange::fill(Bytes& packet) {
  const Timestamp now = simulation_.now();
  PacketBuilder builder({}, packet);
  if (const auto forward = sender_.next_forward(0, now, builder.room())) {
    std::vector<SkippedSequence> sequences;
    std::vector<SkippedMessage> messages;
    for (const Skip& skip : forward->skips) {
      sequences.push_back({skip.stream, skip.ssn});
      messages.push_back({skip.stream, !skip.ordered, skip.mid});
    }
    const Tsn cumulative = forward->cumulative.wrap();
    const bool added = setup_.interleaving ? builder.add(IForwardTsnChunk{cumulative, messages})
                                           : builder.add(ForwardTsnChunk{cumulative, sequences});
    if (!added) std::abort();
  }
  while (builder.room() > 0 && (!builder.is_empty() || sender_.wants_to_send(0, now))) {
    const auto next = sender_.next_chunk(0, now, builder.room());
    if (!next) break;
    on_chunk(*next);
    bool added = false;
    if (setup_.interleaving) {
      auto chunk = to_chunk<IDataChunk>(*next);
      chunk.message = next->fragment.message->mid;
      chunk.fragment = FragmentSequence(next->fragment.fsn);
      added = builder.add(chunk);
    } else {
      auto chunk = to_chunk<DataChunk>(*next);
      chunk.sequence = next->fragment.message->ssn;
      added = builder.add(chunk);
    }
    if (!added) std::abort();
  }
  if (builder.is_empty()) return false;
  packet.resize(builder.bytes());
  sender_.on_packet_sent(0, packet.size(), now);
  return true;
}

void Exchange::post(Link& link, size_t bytes, const std::function<void()>& arrival) {
  const Link::Passage passage = link.offer(simulation_.now(), bytes);
  for (size_t i = 0; i < passage.copies; ++i) (void)simulation_.at(passage.arrivals[i], arrival);
}

void Exchange::arrive(const Bytes& packet) {
  ChunkReader chunks(ByteView(packet).subspan(kCommonHeaderBytes));
  while (const auto chunk = chunks.next()) take_chunk(*chunk);
  receiver_.on_packet_end(simulation_.now());
  if (fetches) fetch();
  if (receiver_.is_sack_due(simulation_.now())) send_sack();
}

void Exchange::take_chunk(const ChunkView& chunk) {
  if (const auto data = DataChunk::parse(chunk)) (void)receiver_.on_data(*data);
  if (const auto data = IDataChunk::parse(chunk)) (void)receiver_.on_i_data(*data);
  if (const auto forward = ForwardTsnChunk::parse(chunk)) receiver_.on_forward(*forward);
  if (const auto forward = IForwardTsnChunk::parse(chunk)) receiver_.on_i_forward(*forward);
}

void Exchange::fetch() {
  while (receiver_.has_message()) {
    const Message message = receiver_.take_message();
    Arrival arrival{.stream = message.stream, .at = simulation_.now()};
    arrival.number = ByteReader(message.payload).u64();
    arrival.bytes = message.payload.size();
    arrival.intact = message.ppid == Ppid(7);
    for (size_t i = 8; i < message.payload.size(); ++i) {
      arrival.intact = arrival.intact && message.payload[i] == byte_at(arrival.number, i);
    }
    arrivals_.push_back(arrival);
  }
}

void Exchange::send_sack() {
  Bytes packet(kPacketBytes);
  PacketBuilder builder({}, packet);
  const Receiver::Sack sack = receiver_.make_sack(builder.room());
  if (!builder.add(sack.chunk())) std::abort();
  packet.resize(builder.bytes());
  post(acks_, packet.size(), [this, packet] {
    ChunkReader chunks(ByteView(packet).subspan(kCommonHeaderBytes));
    const auto parsed = SackChunk::parse(*chunks.next());
    if (sender_.on_sack(*parsed, simulation_.now()) == Sender::Verdict::AcksUnsent) std::abort();
    pump();
  });
}

}  // namespace mayfly::sctp
