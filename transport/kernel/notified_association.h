#pragma once

#include <optional>

#include "core/bytes.h"
#include "transport/kernel/association_id.h"

namespace mayfly {

// Which association a notification (RFC 6458 6.1) is about; nothing for what is cut short or
// unknown. On a one-to-many socket the notifications of all come mixed.
[[nodiscard]] std::optional<AssociationId> notified_association(ByteView notification);

}  // namespace mayfly
