/* What `moonpool play NAME` plays. Each text is an array of its own and a row
   of the table; a test misses the file that is in neither. */
#include "CBundle.h"

#define TEXT(name, array) {name, array, sizeof array - 1}

static const char hello[] = {
#embed "../../Tests/Scenarios/hello.lua"
    , 0};

static const char transfer[] = {
#embed "../../Tests/Scenarios/transfer.lua"
    , 0};

static const struct cbundle_text texts[] = {
    TEXT("hello", hello),
    TEXT("transfer", transfer),
};

struct cbundle_text cbundle_scenario(size_t index) {
  static const struct cbundle_text none;
  return index < sizeof texts / sizeof *texts ? texts[index] : none;
}
