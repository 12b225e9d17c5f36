# Compiler flags, all on one INTERFACE target that every target of ours links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ${FOREWORD_CHECK_HEADERS})

add_library(foreword_flags INTERFACE)
target_compile_options(foreword_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  -fno-strict-aliasing)

if(FOREWORD_SANITIZE)
  target_compile_options(foreword_flags INTERFACE
    -fsanitize=${FOREWORD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(foreword_flags INTERFACE -fsanitize=${FOREWORD_SANITIZE})
  if(FOREWORD_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # clang 14 cannot emit this check for templated coroutines: "difference across sections".
    target_compile_options(foreword_flags INTERFACE -fno-sanitize=function)
  endif()
  if(FOREWORD_SANITIZE MATCHES "thread")
    # Asio's fences are invisible to TSan; without them it uses atomics, which are not.
    target_compile_definitions(foreword_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(foreword_flags INTERFACE -Wno-tsan)
    endif()
  endif()
endif()
if(FOREWORD_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It takes the files that a unit is made of for headers.
  target_compile_options(foreword_flags INTERFACE -Wno-subobject-linkage)
endif()
