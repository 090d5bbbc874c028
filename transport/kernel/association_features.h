#pragma once

#include <string>

#include "core/result.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/kernel_transport_options.h"

namespace mayfly {

// What the options ask of an association that has just come up. Fails when the peer cannot do what
// cannot be done without: then the association must end. `peer` is named in the sentence.
[[nodiscard]] Result<void> begin_features(const AssociationSocket& socket,
                                          const KernelTransportOptions& options,
                                          const std::string& peer);

// Whether anything came that only a peer with the key can send, where a key is asked for.
[[nodiscard]] bool has_shown_key(const AssociationSocket& socket);

}  // namespace mayfly
