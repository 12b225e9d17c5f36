// Beast's HTTP messages and streams: for the admin listener and the tools, never for a prompt's
// way.
#pragma once

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "proxy/net.h"
