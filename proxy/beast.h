// Beast's HTTP messages and streams, and Asio's own coroutines: for the admin listener and the
// tools. On a prompt's way there is only the parser of chunked bodies (chunk_parser.h).
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "proxy/net.h"
