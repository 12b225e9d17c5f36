// The one place where Asio and Beast are compiled (BOOST_*_SEPARATE_COMPILATION).
// Beast 1.81 asserts that a chunked body's end comes in one piece: a client could end the process.
// The code behind that assertion copes with any number of pieces (chunk_parser_test.cc).
#define BOOST_DISABLE_ASSERTS
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
