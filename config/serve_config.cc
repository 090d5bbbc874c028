#include "config/serve_config.h"

#include "config/embedded_defaults.h"
#include "config/kernel_keys.h"
#include "config/keys.h"
#include "config/reading.h"
#include "config/transport_keys.h"
#include "core/check.h"

namespace mayfly {
namespace {

using Key = ConfigKey<ServeConfig>;

std::vector<Key> general_keys() {
  return {
      list_key<ServeConfig>(
          {"listen",
           "Where to take players: mayfly://ADDRESS:PORT is SCTP over UDP (RFC 6951), "
           "mayfly+sctp://ADDRESS[,ADDRESS...]:PORT SCTP straight over IP, "
           "sctp+ts://[ADDRESS]:PORT[/CLIP] MPEG-TS over SCTP for players such as ffmpeg."},
          "list of URLs", ServeConfig{}.listen, [](auto& c) -> auto& { return c.listen; }),
      list_key<ServeConfig>(
          {"media",
           "What to serve: files, and folders with all below them. A clip's name is its "
           "path in the folder, with or without the extension."},
          "list of files and folders", {"clip.mp4", "films/"},
          [](auto& c) -> auto& { return c.media; }),
      text_key<ServeConfig>(
          {"impair",
           "A bad network under the real one, to try things out: losses, delay and rate "
           "in both directions. Empty: the network as it is."},
          "link specification, or empty", "loss=3%,delay=20ms,rate=4Mbit/s,seed=7",
          [](auto& c) -> auto& { return c.impair; }),
      duration_key<ServeConfig>(
          {"report_interval", "How often a player is told what became of its frames here."}, 10ms,
          60s, [](auto& c) -> auto& { return c.report_interval; }),
      duration_key<ServeConfig>(
          {"statistics_interval",
           "How often a line of figures goes to the log while somebody is connected. 0s: never; "
           "SIGUSR1 prints a table of all players at any time."},
          0s, 1440min, [](auto& c) -> auto& { return c.statistics_interval; }),
  };
}

std::vector<Key> limit_keys() {
  return {
      duration_key<ServeConfig>(
          {"playout_delay.usual",
           "From a frame's decode time here to its showing, for players "
           "that ask for none. Longer repairs more losses; shorter is more "
           "live. Two or three round trips and a retransmission timer fit."},
          1ms, 10min, [](auto& c) -> auto& { return c.playout_delay.usual; }),
      duration_key<ServeConfig>(
          {"playout_delay.shortest", "A player that asks for less gets this."}, 1ms, 10min,
          [](auto& c) -> auto& { return c.playout_delay.shortest; }),
      duration_key<ServeConfig>(
          {"playout_delay.longest",
           "A player that asks for more gets this: what is sent and not "
           "yet shown waits in memory."},
          1ms, 10min, [](auto& c) -> auto& { return c.playout_delay.longest; }),
      integer_key<ServeConfig>(
          {"limits.sessions",
           "Players at the same time; the next is told "
           "that there is no room."},
          1, 100'000, [](auto& c) -> auto& { return c.limits.sessions; }),
      duration_key<ServeConfig>(
          {"limits.idle", "A player that plays nothing is sent away after this."}, 1s, 1440min,
          [](auto& c) -> auto& { return c.limits.idle; }),
      duration_key<ServeConfig>(
          {"limits.silence",
           "A player that reports nothing while a clip plays is gone after this; "
           "it reports several times a second."},
          1s, 1440min, [](auto& c) -> auto& { return c.limits.silence; }),
      duration_key<ServeConfig>(
          {"limits.stall",
           "A player that takes nothing while frames wait for it is given up after "
           "this; also a reader of MPEG-TS that stands paused until its buffers are full."},
          1s, 1440min, [](auto& c) -> auto& { return c.limits.stall; }),
  };
}

// Sets the whole of [delivery]; the keys of its classes come after it in the table.
Key policy_key() {
  std::vector<std::string> names = policy_names();
  names.emplace_back("custom");
  return {
      .path = "delivery.policy",
      .kind = ValueKind::Text,
      .form = fmt::format("one of \"{}\"", fmt::join(names, "\", \"")),
      .meaning =
          "How frames are sent, by class. The sections below change one class each; then "
          "the policy is called custom. config/policies/ has each policy in full.",
      .example = "\"prioritised\"",
      .read = [names](ServeConfig& config, const KeyValues& values) -> Result<void> {
        if (values.front() == "custom") {
          config.delivery.name = "custom";
          return {};
        }
        auto policy = named_policy(values.front());
        if (!policy) {
          return failure(ErrorCode::InvalidArgument,
                         policy.error().message + did_you_mean(values.front(), names));
        }
        config.delivery = std::move(*policy);
        return {};
      },
      .print = [](const ServeConfig& config) { return KeyValues{config.delivery.name}; },
  };
}

Key lifetime_key(FrameClass each, const std::string& section) {
  return {
      .path = section + "lifetime",
      .kind = ValueKind::Text,
      .form =
          "\"forever\", \"auto\", a duration up to \"60min\", \"2 retransmissions\" or "
          "\"discard priority 3\"",
      .meaning =
          "How long a message may live. forever: reliable. auto: until it could no longer "
          "be shown. A duration: from the moment when its frame was due.",
      .example = toml_text(to_text(prioritised().for_class(each).lifetime)),
      .read = [each](ServeConfig& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(config.delivery.for_class(each).lifetime, parse_lifetime(values.front()));
        return {};
      },
      .print = [each](const ServeConfig& config) -> std::optional<KeyValues> {
        const Lifetime& lifetime = config.delivery.for_class(each).lifetime;
        if (std::holds_alternative<Retransmissions>(lifetime) ||
            std::holds_alternative<DiscardPriority>(lifetime)) {
          return std::nullopt;
        }
        return KeyValues{to_text(lifetime)};
      },
      .excludes = {section + "retransmissions", section + "discard_priority"},
  };
}

Key retransmissions_key(FrameClass each, const std::string& section) {
  return {
      .path = section + "retransmissions",
      .kind = ValueKind::Integer,
      .form = "whole number, 0 to 1000",
      .meaning = "Instead of a lifetime: how often each piece may be sent again. 0: sent once.",
      .example = "1",
      .read = [each](ServeConfig& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(const int64_t limit, parse_integer(values.front(), 0, 1000));
        config.delivery.for_class(each).lifetime = Retransmissions{static_cast<uint32_t>(limit)};
        return {};
      },
      .print = [each](const ServeConfig& config) -> std::optional<KeyValues> {
        const auto* limit = std::get_if<Retransmissions>(&config.delivery.for_class(each).lifetime);
        if (!limit) return std::nullopt;
        return KeyValues{std::to_string(limit->limit)};
      },
      .excludes = {section + "lifetime", section + "discard_priority"},
  };
}

Key discard_priority_key(FrameClass each, const std::string& section) {
  return {
      .path = section + "discard_priority",
      .kind = ValueKind::Integer,
      .form = "whole number, 0 to 65535",
      .meaning =
          "Instead of a lifetime: it may live as long as it takes, but when transport.send_queue "
          "is full, the largest number is given up first to make room for smaller ones and for "
          "classes without one (RFC 7496 3.2).",
      .example = "3",
      .read = [each](ServeConfig& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(const int64_t value, parse_integer(values.front(), 0, 65535));
        config.delivery.for_class(each).lifetime = DiscardPriority{static_cast<uint16_t>(value)};
        return {};
      },
      .print = [each](const ServeConfig& config) -> std::optional<KeyValues> {
        const auto* value = std::get_if<DiscardPriority>(&config.delivery.for_class(each).lifetime);
        if (!value) return std::nullopt;
        return KeyValues{std::to_string(value->value)};
      },
      .excludes = {section + "lifetime", section + "retransmissions"},
  };
}

Key stream_key(FrameClass each, const std::string& section) {
  return {
      .path = section + "stream",
      .kind = ValueKind::Integer,
      .form = "whole number, 1 to 65534",
      .meaning = "The SCTP stream of the class, below transport.streams. 0 is the session's own.",
      .example = std::to_string(prioritised().for_class(each).stream.value()),
      .read = [each](ServeConfig& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(const int64_t stream, parse_integer(values.front(), 1, 65534));
        config.delivery.for_class(each).stream = StreamId(static_cast<uint16_t>(stream));
        return {};
      },
      .print =
          [each](const ServeConfig& config) {
            return KeyValues{std::to_string(config.delivery.for_class(each).stream.value())};
          },
  };
}

std::vector<Key> class_keys(FrameClass each) {
  const std::string section = fmt::format("delivery.{}.", to_string(each));
  return {
      stream_key(each, section),
      lifetime_key(each, section),
      retransmissions_key(each, section),
      discard_priority_key(each, section),
      flag_key<ServeConfig>(
          {section + "ordered",
           "Whether messages wait for earlier ones of their stream. Pieces "
           "say where they belong, so that only costs time."},
          [each](auto& c) -> auto& { return c.delivery.for_class(each).ordered; }),
      integer_key<ServeConfig>(
          {section + "priority", "Who goes first when several wait: the smaller, always."}, 0,
          65535, [each](auto& c) -> auto& { return c.delivery.for_class(each).priority; }),
      choice_key<ServeConfig, MessageForm>(
          {section + "message",
           "Whether a frame travels in pieces of one DATA chunk each, or as "
           "one message. Whole frames together with lifetimes have wedged "
           "both stock stacks."},
          {{"pieces", MessageForm::Pieces}, {"frame", MessageForm::Frame}},
          [each](auto& c) -> auto& { return c.delivery.for_class(each).message; }),
  };
}

// How the kernel's SCTP takes players.
std::vector<Key> kernel_listening_keys() {
  return {
      choice_key<ServeConfig, SocketStyle>(
          {"transport.kernel.socket_style",
           "How the kernel's SCTP serves players. one-to-many: all from one socket "
           "(SOCK_SEQPACKET). one-to-one: each from a socket of its own (SOCK_STREAM)."},
          {{"one-to-many", SocketStyle::OneToMany}, {"one-to-one", SocketStyle::OneToOne}},
          [](auto& c) -> auto& { return c.kernel_options.socket_style; }),
      flag_key<ServeConfig>(
          {"transport.kernel.peel_off",
           "Whether a player for whom data has to wait leaves the one-to-many socket for one of "
           "its own, which tells when there is room again. Otherwise the server looks every 10 "
           "ms."},
          [](auto& c) -> auto& { return c.kernel_options.peel_off; }),
      choice_key<ServeConfig, bool>(
          {"transport.kernel.fragmentation",
           "Whether the kernel may cut a message into several DATA chunks, as whole frames need. "
           "off: what does not fit one is refused (SCTP_DISABLE_FRAGMENTS)."},
          {{"on", true}, {"off", false}},
          [](auto& c) -> auto& { return c.kernel_options.fragmentation; }),
  };
}

std::vector<Key> ts_keys() {
  return {
      choice_key<ServeConfig, bool>(
          {"ts.delivery",
           "How MPEG-TS goes to readers at sctp+ts:// ports. reliable: every byte in order, as "
           "ffmpeg sends it; a slow reader is waited for. by-class: a frame's packets live as "
           "[delivery] says, so a bad link costs holes instead of delay."},
          {{"reliable", false}, {"by-class", true}},
          [](auto& c) -> auto& { return c.ts.by_class; }),
      flag_key<ServeConfig>(
          {"ts.loop", "Whether the clip goes on from its start when it is over, without an end."},
          [](auto& c) -> auto& { return c.ts.loop; }),
      choice_key<ServeConfig, bool>(
          {"ts.ending",
           "How the association ends when all of the clip was acknowledged. shutdown: in good "
           "order. abort: for readers that overlook a shutdown and wait for ever, such as ffmpeg "
           "5.1; to others it looks like a failure."},
          {{"shutdown", false}, {"abort", true}},
          [](auto& c) -> auto& { return c.ts.ends_with_abort; }),
  };
}

std::vector<Key> all_keys() {
  std::vector<Key> keys;
  const auto add = [&keys](std::vector<Key> more) {
    std::ranges::move(more, std::back_inserter(keys));
  };
  add(general_keys());
  add(limit_keys());
  add({policy_key()});
  for (const FrameClass each : kFrameClasses) add(class_keys(each));
  add(ts_keys());
  add(transport_keys<ServeConfig>());
  add(kernel_listening_keys());
  add(kernel_keys<ServeConfig>());
  return keys;
}

// A policy that was changed no longer goes by its name.
void settle(ServeConfig& config) {
  const auto named = named_policy(config.delivery.name);
  if (!named || named->classes != config.delivery.classes) config.delivery.name = "custom";
}

std::vector<Problem> contradictions_in(const ServeConfig& config) {
  std::vector<Problem> problems = problems_of(config.transport_options);
  const auto require = [&problems](bool holds, std::string path, std::string what) {
    if (!holds) problems.push_back({std::move(path), std::move(what), 0});
  };
  const PlayoutDelayLimits& delay = config.playout_delay;
  require(delay.shortest <= delay.usual, "playout_delay.shortest",
          fmt::format("\"{}\" must not be longer than playout_delay.usual, \"{}\"",
                      to_text(delay.shortest), to_text(delay.usual)));
  require(delay.usual <= delay.longest, "playout_delay.longest",
          fmt::format("\"{}\" must not be shorter than playout_delay.usual, \"{}\"",
                      to_text(delay.longest), to_text(delay.usual)));
  require(!config.listen.empty(), "listen", "must name at least one URL to listen at");
  for (const FrameClass each : kFrameClasses) {
    const uint16_t stream = config.delivery.for_class(each).stream.value();
    require(stream < config.transport_options.streams,
            fmt::format("delivery.{}.stream", to_string(each)),
            fmt::format("{} must be less than transport.streams, {}", stream,
                        config.transport_options.streams));
    const bool whole = config.delivery.for_class(each).message == MessageForm::Frame;
    require(!whole || config.kernel_options.fragmentation,
            fmt::format("delivery.{}.message", to_string(each)),
            "\"frame\" does not fit one chunk: use \"pieces\", or turn "
            "transport.kernel.fragmentation \"on\"");
  }
  return problems;
}

const KeyTable<ServeConfig>& table() {
  static const KeyTable<ServeConfig> kTable(all_keys(), settle, contradictions_in);
  return kTable;
}

// The defaults as the file in config/ has them; a test holds it to the struct's.
const ServeConfig& defaults() {
  static const ServeConfig kDefaults = [] {
    auto parsed = parse_config(table(), ServeConfig{}, kServeDefaults, "config/serve.toml");
    MAYFLY_CHECK(parsed.has_value());
    return std::move(*parsed);
  }();
  return kDefaults;
}

}  // namespace

Result<ServeConfig> parse_serve_config(std::string_view document, const std::string& name,
                                       const ValueChecks& checks) {
  return parse_config(table(), defaults(), document, name, checks);
}

Result<ServeConfig> read_serve_config(const std::filesystem::path& file,
                                      const ValueChecks& checks) {
  ASSIGN_OR_RETURN(const std::string document, read_document(file));
  return parse_serve_config(document, file.string(), checks);
}

Result<void> set(ServeConfig& config, const std::vector<Override>& overrides) {
  return set_in(table(), config, overrides);
}

Result<void> set(ServeConfig& config, const std::string& path, const std::string& value) {
  return set(config, {{path, {value}}});
}

std::string to_toml(const ServeConfig& config) { return write_toml(keys_of(config)); }

std::vector<KeyDescription> keys_of(const ServeConfig& config) { return table().describe(config); }

}  // namespace mayfly
