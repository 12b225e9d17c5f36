// One client connection: requests read, answers sent, faults acted out, an abort noticed.
//
// A coroutine on the connection's strand; it refers to the simulator, which must outlive it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "simulator/simulator.h"

namespace foreword::simulator {

boost::asio::awaitable<void> run_session(boost::asio::ip::tcp::socket socket, Simulator& simulator);

}  // namespace foreword::simulator
