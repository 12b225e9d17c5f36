// One client connection: request after request until one side has had enough.
#pragma once

#include <memory>

#include "proxy/shard.h"

namespace foreword::proxy {

Task<void> run_session(Shard& shard, std::unique_ptr<Connection> connection);

}  // namespace foreword::proxy
