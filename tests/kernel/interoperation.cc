#include "tests/kernel/interoperation.h"

#include <algorithm>

#include "transport/sctp/engine_transport.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/packet_view.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

constexpr uint16_t kServerPort = 9899;
constexpr uint16_t kClientPort = 9898;

}  // namespace

void PrintTo(const Encounter& encounter, std::ostream* out) {
  const char* const other = encounter.other == OtherStack::Usrsctp ? "usrsctp" : "engine";
  *out << (encounter.kernel_listens ? "kernel" : other) << " listens, " << encounter.loss;
}

void WatchedSocket::send(const IpEndpoint& to, ByteView packet) {
  look_at(packet, true);
  socket_.send(to, packet);
}

void WatchedSocket::set_receiver(Receiver receiver) {
  if (!receiver) {
    socket_.set_receiver({});
    return;
  }
  socket_.set_receiver([this, receiver](const IpEndpoint& from, ByteView packet) {
    look_at(packet, false);
    receiver(from, packet);
  });
}

void WatchedSocket::look_at(ByteView packet, bool is_sent) {
  const auto parsed = sctp::PacketView::parse(packet);
  if (!parsed) return;
  sctp::ChunkReader chunks = parsed->chunks();
  while (const auto chunk = chunks.next()) {
    if (chunk->type == sctp::ChunkType::Abort) ++aborts_;
    const auto data = sctp::DataChunk::parse(*chunk);
    if (!is_sent || !data || data->stream != StreamId(watched_stream_)) continue;
    most_sendings_ = std::max(most_sendings_, ++sendings_[data->tsn.value()]);
  }
}

void InteroperationTest::TearDown() {
  client_.reset();
  server_.reset();
  listener_.reset();
  at_kernel([] { TwoHosts::set_sysctl("sctp/udp_port", "0"); });
}

void InteroperationTest::at_kernel(const std::function<void()>& work) {
  GetParam().kernel_listens ? hosts_.on_server(work) : hosts_.on_client(work);
}

void InteroperationTest::at_other(const std::function<void()>& work) {
  GetParam().kernel_listens ? hosts_.on_client(work) : hosts_.on_server(work);
}

void InteroperationTest::make_transports(const TransportOptions& options) {
  const bool kernel_listens = GetParam().kernel_listens;
  at_kernel([&] {
    TwoHosts::set_sysctl("sctp/udp_port",
                         std::to_string(kernel_listens ? kServerPort : kClientPort));
  });
  auto kernel = KernelTransport::create(
      loop_, loop_, loop_, options,
      {.udp_encapsulation_port = kernel_listens ? kClientPort : kServerPort});
  ASSERT_TRUE(kernel.has_value()) << kernel.error().message;
  kernel_ = std::move(*kernel);
  at_other([&] {
    auto socket = UdpSocket::bind(loop_, kernel_listens ? TwoHosts::client_address(0, kClientPort)
                                                        : TwoHosts::server_address(0, kServerPort));
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    socket_ = std::move(*socket);
  });
  watched_ = std::make_unique<WatchedSocket>(*socket_, kExpiring);
  if (GetParam().other == OtherStack::Usrsctp) {
    usrsctp_ = std::make_unique<UsrsctpStack>(loop_, loop_, loop_);
    other_ = std::make_unique<UsrsctpTransport>(*usrsctp_, *watched_, options);
  } else {
    other_ = std::make_unique<EngineTransport>(
        loop_, loop_, *watched_, sctp::default_socket_options(options), sctp::CookieSecret{});
  }
}

void InteroperationTest::connect(const TransportOptions& options) {
  ASSERT_NO_FATAL_FAILURE(make_transports(options));
  Transport& listening = GetParam().kernel_listens ? static_cast<Transport&>(*kernel_) : *other_;
  Transport& connecting = GetParam().kernel_listens ? *other_ : static_cast<Transport&>(*kernel_);
  const TransportAddress address{{TwoHosts::server_address(0, kServerPort)}};
  hosts_.on_server([&] {
    auto listener = listening.listen(address);
    ASSERT_TRUE(listener.has_value()) << listener.error().message;
    listener_ = std::move(*listener);
  });
  listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
    server_ = std::move(accepted);
    server_->set_observer(&server_told_);
  });
  hosts_.on_client([&] {
    auto client = connecting.connect(address);
    ASSERT_TRUE(client.has_value()) << client.error().message;
    client_ = std::move(*client);
  });
  client_->set_observer(&client_told_);
  ASSERT_TRUE(
      loop_.run_until([this] { return client_told_.connected && server_told_.connected; }, 10s))
      << (client_told_.closed ? client_told_.closed->message : "no answer");
}

size_t InteroperationTest::count_on(const RecordingObserver& told, uint16_t stream) {
  return static_cast<size_t>(
      std::count_if(told.messages.begin(), told.messages.end(),
                    [stream](const Message& each) { return each.stream == StreamId(stream); }));
}

}  // namespace mayfly
