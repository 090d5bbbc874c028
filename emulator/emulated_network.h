#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/file_descriptor.h"
#include "core/result.h"
#include "emulator/link_addresses.h"
#include "emulator/route_socket.h"
#include "emulator/tun_device.h"

namespace mayfly {

// Where the far end of an emulated link is.
enum class FarEnd : uint8_t {
  Auto,  // Here where that is possible, else Own
  Here,  // the network that the process is in: of this machine, or behind another link
  Own,   // a network of its own, which has nothing else in it
};

// One end of the link.
struct LinkEnd {
  TunDevice device;
  FileDescriptor network;  // the namespace it is in
  RouteSocket routes;      // of that namespace
};

// Two networks within this machine that reach each other through this process alone: what one sends
// comes out of its end's device, and whatever is written to the other's arrives there. In the near
// one everything but the loopback leads to the far one.
//
// Making it moves the process, possibly into a user namespace too; it goes away with its
// descriptors and the last program in it.
struct EmulatedNetwork {
  LinkAddresses addresses;
  LinkEnd near;
  LinkEnd far;
  bool has_v6 = false;
  bool is_far_here = false;
  bool is_nested = false;  // the far end is behind another link

  // What programs at the ends find in their environment: MAYFLY_LINK_SERVER and its like.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> environment() const;
};

// Fails with Unsupported where the machine lacks what is needed, else with Io.
[[nodiscard]] Result<EmulatedNetwork> make_emulated_network(FarEnd far_end, uint32_t mtu);

}  // namespace mayfly
