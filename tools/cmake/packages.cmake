# Everything comes from Debian 12; tools/setup installs it by name.
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ROCKSDB REQUIRED IMPORTED_TARGET rocksdb)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(TCMALLOC REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
# libcsv has no file for pkg-config.
find_path(LIBCSV_INCLUDE csv.h REQUIRED)
find_library(LIBCSV_LIBRARY csv REQUIRED)
add_library(LibCsv::LibCsv UNKNOWN IMPORTED)
set_target_properties(LibCsv::LibCsv PROPERTIES
  IMPORTED_LOCATION ${LIBCSV_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${LIBCSV_INCLUDE})
# Formats of documents: these go into foreword-extract only.
pkg_check_modules(LIBXML2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(POPPLER REQUIRED IMPORTED_TARGET poppler-cpp)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)

# Asio and Beast are compiled once, here, instead of in every file that includes them.
add_library(foreword_boost STATIC ${CMAKE_SOURCE_DIR}/tools/cmake/boost_impl.cc)
# A request is a dozen coroutines deep, and Asio by itself keeps the frames of two for the next one.
# The others are cheapest from the allocator's own cache, which aligned requests would go past; the
# searches of a longer list of Asio's cost more than they save.
target_compile_definitions(foreword_boost PUBLIC
  BOOST_ASIO_DISABLE_BOOST_ALIGN BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(foreword_boost
  PUBLIC Boost::headers Boost::json Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads
  PRIVATE foreword_flags)
