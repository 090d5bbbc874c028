#pragma once

#include <string>
#include <vector>

#include "cli/doctor/diagnosis.h"
#include "transport/kernel/kernel_capabilities.h"

namespace mayfly {

// The kernel's SCTP and those of its settings that matter. It is one of two stacks, so that it is
// not there limits and is not fatal.
[[nodiscard]] std::vector<Diagnosis> diagnose_kernel_sctp(const KernelCapabilities& kernel);

// UDP sockets, which the default transport stands on: whether they open, how large their buffers
// may be, and whether the kernel sends and receives many packets in one call.
[[nodiscard]] std::vector<Diagnosis> diagnose_udp(size_t wanted_buffer_bytes);

// What emulated links and the kernel tests can use: user namespaces, TUN, user-mode-linux.
[[nodiscard]] std::vector<Diagnosis> diagnose_laboratory();

// A part of a library that is loaded at run time and is not there: a GStreamer element, a decoder.
struct MissingComponent {
  std::string name;     // as the library calls it
  std::string purpose;  // "decodes H.264"
  std::string package;  // of Debian, that brings it
};
// One line on all components of a kind.
[[nodiscard]] Diagnosis diagnose_components(const std::string& kind,
                                            const std::vector<MissingComponent>& missing);

}  // namespace mayfly
