/* What `moonpool play NAME` plays. Each text is an array of its own and a row
   of the table; a test misses the file that is in neither. */
#include "CBundle.h"

#define TEXT(name, array) {name, array, sizeof array - 1}

static const char abandoned[] = {
#embed "../../Tests/Scenarios/abandoned.lua"
    , 0};

static const char barrier[] = {
#embed "../../Tests/Scenarios/barrier.lua"
    , 0};

static const char chat[] = {
#embed "../../Tests/Scenarios/chat.lua"
    , 0};

static const char counter[] = {
#embed "../../Tests/Scenarios/counter.lua"
    , 0};

static const char either_order[] = {
#embed "../../Tests/Scenarios/either-order.lua"
    , 0};

static const char full_disk[] = {
#embed "../../Tests/Scenarios/full-disk.lua"
    , 0};

static const char hello[] = {
#embed "../../Tests/Scenarios/hello.lua"
    , 0};

static const char last_holder[] = {
#embed "../../Tests/Scenarios/last-holder.lua"
    , 0};

static const char leader[] = {
#embed "../../Tests/Scenarios/leader.lua"
    , 0};

static const char logger[] = {
#embed "../../Tests/Scenarios/logger.lua"
    , 0};

static const char many_to_one[] = {
#embed "../../Tests/Scenarios/many-to-one.lua"
    , 0};

static const char overtaken[] = {
#embed "../../Tests/Scenarios/overtaken.lua"
    , 0};

static const char permits[] = {
#embed "../../Tests/Scenarios/permits.lua"
    , 0};

static const char pipeline[] = {
#embed "../../Tests/Scenarios/pipeline.lua"
    , 0};

static const char request[] = {
#embed "../../Tests/Scenarios/request.lua"
    , 0};

static const char ring[] = {
#embed "../../Tests/Scenarios/ring.lua"
    , 0};

static const char snapshot[] = {
#embed "../../Tests/Scenarios/snapshot.lua"
    , 0};

static const char telemetry[] = {
#embed "../../Tests/Scenarios/telemetry.lua"
    , 0};

static const char transfer[] = {
#embed "../../Tests/Scenarios/transfer.lua"
    , 0};

static const char transfer_mended[] = {
#embed "../../Tests/Scenarios/transfer-mended.lua"
    , 0};

static const char truncated[] = {
#embed "../../Tests/Scenarios/truncated.lua"
    , 0};

static const char two_phases[] = {
#embed "../../Tests/Scenarios/two-phases.lua"
    , 0};

static const char watchdog[] = {
#embed "../../Tests/Scenarios/watchdog.lua"
    , 0};

static const char workers[] = {
#embed "../../Tests/Scenarios/workers.lua"
    , 0};

static const struct cbundle_text texts[] = {
    TEXT("abandoned", abandoned),
    TEXT("barrier", barrier),
    TEXT("chat", chat),
    TEXT("counter", counter),
    TEXT("either-order", either_order),
    TEXT("full-disk", full_disk),
    TEXT("hello", hello),
    TEXT("last-holder", last_holder),
    TEXT("leader", leader),
    TEXT("logger", logger),
    TEXT("many-to-one", many_to_one),
    TEXT("overtaken", overtaken),
    TEXT("permits", permits),
    TEXT("pipeline", pipeline),
    TEXT("request", request),
    TEXT("ring", ring),
    TEXT("snapshot", snapshot),
    TEXT("telemetry", telemetry),
    TEXT("transfer", transfer),
    TEXT("transfer-mended", transfer_mended),
    TEXT("truncated", truncated),
    TEXT("two-phases", two_phases),
    TEXT("watchdog", watchdog),
    TEXT("workers", workers),
};

struct cbundle_text cbundle_scenario(size_t index) {
  static const struct cbundle_text none;
  return index < sizeof texts / sizeof *texts ? texts[index] : none;
}
