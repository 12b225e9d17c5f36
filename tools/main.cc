#include "tools/command_line.h"

int main(int argc, char** argv) {
  return foreword::tools::run(argc, argv);
}
