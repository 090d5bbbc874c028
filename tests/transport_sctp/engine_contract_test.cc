#include "tests/transport/association_contract.h"
#include "tests/transport_sctp/engine_environment.h"

namespace mayfly {
namespace {

std::unique_ptr<ContractEnvironment> make_environment(const TransportOptions& options) {
  return std::make_unique<EngineEnvironment>(options);
}

std::unique_ptr<ContractEnvironment> make_interleaving(const TransportOptions& options) {
  sctp::SocketOptions socket_options = sctp::default_socket_options(options);
  socket_options.interleaving = true;
  return std::make_unique<EngineEnvironment>(socket_options, 1);
}

INSTANTIATE_TEST_SUITE_P(EngineOnVirtualTime, AssociationContract,
                         ::testing::Values(&make_environment));
INSTANTIATE_TEST_SUITE_P(EngineInterleavingOnVirtualTime, AssociationContract,
                         ::testing::Values(&make_interleaving));

}  // namespace
}  // namespace mayfly
