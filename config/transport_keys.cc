#include "config/transport_keys.h"

namespace mayfly {

std::string_view to_string(TransportChoice choice) {
  switch (choice) {
    case TransportChoice::Auto: return "auto";
    case TransportChoice::Kernel: return "kernel";
    case TransportChoice::Usrsctp: return "usrsctp";
    case TransportChoice::Engine: return "engine";
  }
  return "?";
}

std::vector<std::pair<std::string, TransportChoice>> transport_choices() {
  std::vector<std::pair<std::string, TransportChoice>> choices;
  for (const auto each : {TransportChoice::Auto, TransportChoice::Kernel, TransportChoice::Usrsctp,
                          TransportChoice::Engine}) {
    choices.emplace_back(to_string(each), each);
  }
  return choices;
}

std::vector<Problem> problems_of(const TransportOptions& options) {
  std::vector<Problem> problems;
  const auto require = [&problems](bool holds, std::string path, std::string what) {
    if (!holds) problems.push_back({std::move(path), std::move(what), 0});
  };
  require(options.rto_min <= options.rto_max, "transport.rto_min",
          fmt::format("\"{}\" must not be longer than transport.rto_max, \"{}\"",
                      to_text(options.rto_min), to_text(options.rto_max)));
  require(options.rto_min <= options.rto_initial, "transport.rto_initial",
          fmt::format("\"{}\" must not be shorter than transport.rto_min, \"{}\"",
                      to_text(options.rto_initial), to_text(options.rto_min)));
  require(options.send_queue_low_bytes < options.send_queue_bytes, "transport.send_queue_low",
          fmt::format("\"{}\" must be less than transport.send_queue, \"{}\"",
                      data_size_text(options.send_queue_low_bytes),
                      data_size_text(options.send_queue_bytes)));
  require(options.sack_delay < options.rto_min, "transport.sack_delay",
          fmt::format("\"{}\" must be shorter than transport.rto_min, \"{}\": the other side would "
                      "retransmit what arrived",
                      to_text(options.sack_delay), to_text(options.rto_min)));
  return problems;
}

}  // namespace mayfly
