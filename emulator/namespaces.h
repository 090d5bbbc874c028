#pragma once

#include "core/file_descriptor.h"
#include "core/result.h"

// Networks of our own within this machine (namespaces(7)). All of this concerns the calling
// process, which must have one thread only.
namespace mayfly {

// Whether the process may set up interfaces in the network it is in: it is root there, or behind a
// link that it, or somebody before it, set up.
[[nodiscard]] bool may_set_up_network();

// Whether the process may make new networks without a user namespace of its own.
[[nodiscard]] bool may_make_networks();

// Makes the process the master of networks that it makes from now on, and of nothing else. It stays
// the same user with the same files. Fails with Unsupported where the system keeps this from users;
// the sentence says the mend.
[[nodiscard]] Result<void> enter_user_namespace();

// The network the process is in; holding it keeps the network alive.
[[nodiscard]] Result<FileDescriptor> current_network();
// Moves the process into a network that is new and empty.
[[nodiscard]] Result<void> enter_new_network();
[[nodiscard]] Result<void> enter_network(const FileDescriptor& network);

// So that a program executed from here on, as the same user, may still set up its network: links
// nest. Of use in a user namespace only; a root's programs have all rights anyway.
void keep_network_rights();

// A setting of the network that the process is in ("ipv4/ip_forward"). Whether it could be set.
[[nodiscard]] bool set_network_setting(const char* name, const char* value);

}  // namespace mayfly
