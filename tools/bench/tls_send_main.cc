// Prints what TLS sends cost; SPEED's budget is a ratio of 0.75 at 1 MB.
#include <cstddef>
#include <cstdio>
#include <initializer_list>

#include "tools/bench/tls_send.h"

int main() {
  std::printf("%10s  %14s  %14s  %6s\n", "bytes", "foreword us", "asio::ssl us", "ratio");
  for (const std::size_t bytes : {100'000u, 1u << 20, 4u << 20}) {
    const auto cost = foreword::tools::measure_tls_send(bytes, 11);
    std::printf("%10zu  %14.0f  %14.0f  %6.2f\n", bytes, cost.foreword_us, cost.asio_us,
                cost.ratio);
  }
}
