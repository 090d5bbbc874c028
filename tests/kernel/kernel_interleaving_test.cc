#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"

// What audio suffers behind a big I frame on the same association, by the way the frame travels.
// docs/SCTP.md has the figures.
namespace mayfly {
namespace {

constexpr size_t kFrameBytes = 2'000'000;
constexpr size_t kAudioBytes = 200;
constexpr size_t kReceiveWindowBytes = 128 << 10;  // the kernel offers half of twice as much
constexpr Duration kAudioInterval = 20ms;
constexpr StreamId kVideo{1}, kAudio{4};
constexpr Ppid kVideoPpid{7}, kAudioPpid{8};
// As the default policy has them.
constexpr Priority kAudioFirst = 1, kVideoSecond = 2;

// Of one message of audio, from send() to on_message().
struct Wait {
  Duration time{};
  size_t frame_bytes = 0;  // of the frame that were delivered meanwhile
};

struct Measured {
  std::vector<Wait> audio;
  Duration frame{};  // until it was there whole
  bool is_complete = false;

  [[nodiscard]] double milliseconds(double share) const {
    return to_milliseconds(at(share, &Wait::time));
  }
  [[nodiscard]] size_t frame_bytes(double share) const { return at(share, &Wait::frame_bytes); }

 private:
  template <class T>
  [[nodiscard]] T at(double share, T Wait::*part) const {
    std::vector<T> sorted;
    for (const Wait& each : audio) sorted.push_back(each.*part);
    std::sort(sorted.begin(), sorted.end());
    return sorted.at(static_cast<size_t>(share * static_cast<double>(sorted.size() - 1)));
  }
};

enum class Form {
  Pieces,            // one chunk each, audio on a stream of its own: mayfly's default
  OneStream,         // the same, but all on one ordered stream, as over TCP
  Whole,             // one message
  WholeInterleaved,  // one message, with RFC 8260
};

class KernelInterleavingTest : public ::testing::Test {
 protected:
  void TearDown() override { hosts.impair(0, {}); }

  [[nodiscard]] bool connect(KernelPair& pair, bool interleaving) const {
    const auto allow = [this](const std::string& value) {
      const auto set = [&] { TwoHosts::set_sysctl("sctp/intl_enable", value); };
      hosts.on_client(set);
      hosts.on_server(set);
    };
    hosts.impair(0, {});
    if (interleaving) allow("1");
    const TransportAddress at{{TwoHosts::server_address(0, 9899)}};
    const bool connected = pair.connect(
        at, at, [this](const auto& work) { hosts.on_server(work); },
        [this](const auto& work) { hosts.on_client(work); });
    if (interleaving) allow("0");
    return connected;
  }

  static void send_frame(KernelPair& pair, Form form) {
    const SendOptions options{.ordered = form == Form::OneStream, .priority = kVideoSecond};
    const bool whole = form == Form::Whole || form == Form::WholeInterleaved;
    const size_t most = whole ? kFrameBytes : pair.client->max_chunk_payload_bytes();
    for (size_t left = kFrameBytes; left > 0;) {
      const size_t bytes = std::min(left, most);
      ASSERT_TRUE(pair.client->send({kVideo, kVideoPpid, Bytes(bytes)}, options));
      left -= bytes;
    }
  }

  // One frame, and audio all the time until it is there.
  [[nodiscard]] Measured measure(Form form) const {
    TransportOptions options;
    options.socket_receive_buffer_bytes = kReceiveWindowBytes;
    KernelPair pair(options, {.message_interleaving = form == Form::WholeInterleaved});
    Measured measured;
    if (!connect(pair, form == Form::WholeInterleaved)) return measured;
    hosts.impair(0, {.delay = "10ms", .rate = "8mbit", .limit = 40});
    std::vector<std::pair<Timestamp, size_t>> sent;  // with what was there of the frame
    size_t video_bytes = 0;
    pair.server_told.on_each_message = [&](const Message& message) {
      if (message.ppid == kVideoPpid) {
        video_bytes += message.payload.size();
      } else {
        const auto [at, before] = sent.at(ByteReader(message.payload).u32());
        measured.audio.push_back({pair.loop.now() - at, video_bytes - before});
      }
    };
    std::unique_ptr<Timer> audio_timer = pair.loop.create([&] {
      audio_timer->start(kAudioInterval);
      Bytes payload;
      ByteWriter(payload).u32(static_cast<uint32_t>(sent.size()));
      payload.resize(kAudioBytes);
      sent.emplace_back(pair.loop.now(), video_bytes);
      EXPECT_TRUE(pair.client->send(
          {form == Form::OneStream ? kVideo : kAudio, kAudioPpid, std::move(payload)},
          {.ordered = true, .priority = kAudioFirst}));
    });
    const Timestamp begun = pair.loop.now();
    send_frame(pair, form);
    audio_timer->start(Duration::zero());
    static_cast<void>(pair.run_until([&] { return video_bytes == kFrameBytes; }, 60s));
    measured.frame = pair.loop.now() - begun;
    audio_timer->stop();
    const bool all_heard =
        pair.run_until([&] { return measured.audio.size() == sent.size(); }, 10s);
    measured.is_complete = all_heard && video_bytes == kFrameBytes && sent.size() > 2;
    return measured;
  }

  TwoHosts& hosts = TwoHosts::get();
};

void print(const char* name, const Measured& measured) {
  fmt::print("{}: audio median {:.0f} ms, p95 {:.0f} ms, worst {:.0f} ms; the frame {:.0f} ms\n",
             name, measured.milliseconds(0.5), measured.milliseconds(0.95),
             measured.milliseconds(1), to_milliseconds(measured.frame));
}

// 2 MB at 8 Mbit/s take 2 s. What is asserted is how much of the frame passes an audio message on
// its way, which does not depend on how fast the guest is; the times are for docs/SCTP.md.
TEST_F(KernelInterleavingTest, AudioWaitsForABigFrameOnlyWhereNothingMayPassIt) {
  const Measured pieces = measure(Form::Pieces);
  const Measured one_stream = measure(Form::OneStream);
  const Measured whole = measure(Form::Whole);
  const Measured interleaved = measure(Form::WholeInterleaved);

  ASSERT_TRUE(pieces.is_complete);
  ASSERT_TRUE(one_stream.is_complete);
  ASSERT_TRUE(whole.is_complete);
  ASSERT_TRUE(interleaved.is_complete);
  print("pieces of one chunk", pieces);
  print("pieces, all on one ordered stream", one_stream);
  print("whole frame", whole);
  print("whole frame, interleaved", interleaved);
  // What is under way or not yet read fits the receive window; what the kernel holds unsent is 6
  // KiB.
  EXPECT_LT(pieces.frame_bytes(1), 2 * kReceiveWindowBytes);
  // The first audio message was sent right after the frame.
  EXPECT_GT(one_stream.frame_bytes(1), kFrameBytes / 2);
  EXPECT_EQ(whole.frame_bytes(0.5), kFrameBytes);
  EXPECT_EQ(interleaved.frame_bytes(0.5), 0U);
}

}  // namespace
}  // namespace mayfly
