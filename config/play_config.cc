#include "config/play_config.h"

#include "config/embedded_defaults.h"
#include "config/kernel_keys.h"
#include "config/keys.h"
#include "config/reading.h"
#include "config/transport_keys.h"
#include "core/check.h"

namespace mayfly {
namespace {

using Key = ConfigKey<PlayConfig>;

Key playout_delay_key() {
  return {
      .path = "playout_delay",
      .kind = ValueKind::Text,
      .form = "\"auto\", or a duration, \"1ms\" to \"10min\"",
      .meaning =
          "From a frame's decode time at the server to its showing. Longer repairs more "
          "losses; shorter is more live. auto: as the server likes it.",
      .example = "\"auto\"",
      .read = [](PlayConfig& config, const KeyValues& values) -> Result<void> {
        if (values.front() == "auto") {
          config.playout_delay.reset();
          return {};
        }
        const auto delay = parse_duration(values.front());
        if (!delay || *delay < 1ms || *delay > 10min) {
          return failure(ErrorCode::InvalidArgument,
                         fmt::format("\"{}\" is neither \"auto\" nor a duration from \"1ms\" to "
                                     "\"10min\"",
                                     values.front()));
        }
        config.playout_delay = *delay;
        return {};
      },
      .print =
          [](const PlayConfig& config) {
            return KeyValues{config.playout_delay ? to_text(*config.playout_delay) : "auto"};
          },
  };
}

std::vector<Key> all_keys() {
  std::vector<Key> keys = {
      text_key<PlayConfig>(
          {"sink",
           "Where frames go. auto: a window and loudspeakers where there are any, and "
           "otherwise nowhere. none: nowhere, but in time. A file: recorded as it comes."},
          "\"auto\", \"none\", or a file ending in .mkv, .mp4 or .ts", "auto",
          [](auto& c) -> auto& { return c.sink; }),
      playout_delay_key(),
      flag_key<PlayConfig>(
          {"loop", "Whether the clip begins again when it is over."},
          [](auto& c) -> auto& { return c.loop; }),
      flag_key<PlayConfig>(
          {"catch_up",
           "Whether a late frame is decoded all the same when nothing after it was: it "
           "is not shown, but what depends on it can be."},
          [](auto& c) -> auto& { return c.catch_up; }),
      size_key<PlayConfig>(
          {"buffer", "What may wait to be shown. At 8 Mbit/s the default is four minutes."},
          size_t{1} << 20, size_t{16} << 30, [](auto& c) -> auto& { return c.buffer_bytes; }),
      duration_key<PlayConfig>(
          {"report_interval",
           "How often the server is told what arrived. It gives up a player "
           "that is silent for seconds."},
          10ms, 5s, [](auto& c) -> auto& { return c.report_interval; }),
      text_key<PlayConfig>(
          {"impair",
           "A bad network under the real one, to try things out: losses, delay and rate "
           "in both directions. Empty: the network as it is."},
          "link specification, or empty", "loss=3%,delay=20ms,rate=4Mbit/s,seed=7",
          [](auto& c) -> auto& { return c.impair; }),
  };
  for (auto part : {transport_keys<PlayConfig>(), kernel_keys<PlayConfig>(),
                    kernel_connecting_keys<PlayConfig>()}) {
    std::ranges::move(part, std::back_inserter(keys));
  }
  return keys;
}

std::vector<Problem> contradictions_in(const PlayConfig& config) {
  std::vector<Problem> problems = problems_of(config.transport_options);
  if (config.sink.empty()) problems.push_back({"sink", "must be auto, none or a file", 0});
  return problems;
}

const KeyTable<PlayConfig>& table() {
  static const KeyTable<PlayConfig> kTable(
      all_keys(), [](PlayConfig&) {}, contradictions_in);
  return kTable;
}

// The defaults as the file in config/ has them; a test holds it to the struct's.
const PlayConfig& defaults() {
  static const PlayConfig kDefaults = [] {
    auto parsed = parse_config(table(), PlayConfig{}, kPlayDefaults, "config/play.toml");
    MAYFLY_CHECK(parsed.has_value());
    return std::move(*parsed);
  }();
  return kDefaults;
}

}  // namespace

Result<PlayConfig> parse_play_config(std::string_view document, const std::string& name,
                                     const ValueChecks& checks) {
  return parse_config(table(), defaults(), document, name, checks);
}

Result<PlayConfig> read_play_config(const std::filesystem::path& file, const ValueChecks& checks) {
  ASSIGN_OR_RETURN(const std::string document, read_document(file));
  return parse_play_config(document, file.string(), checks);
}

Result<void> set(PlayConfig& config, const std::vector<Override>& overrides) {
  return set_in(table(), config, overrides);
}

Result<void> set(PlayConfig& config, const std::string& path, const std::string& value) {
  return set(config, {{path, {value}}});
}

std::string to_toml(const PlayConfig& config) { return write_toml(keys_of(config)); }

std::vector<KeyDescription> keys_of(const PlayConfig& config) { return table().describe(config); }

}  // namespace mayfly
