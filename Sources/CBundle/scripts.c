/* What `moonpool run NAME` runs. Each text is an array of its own and a row of
   the table; a test misses the file that is in neither. */
#include "CBundle.h"

#define TEXT(name, array) {name, array, sizeof array - 1}

static const char ask[] = {
#embed "../../scripts/ask.lua"
    , 0};

static const char board[] = {
#embed "../../scripts/board.lua"
    , 0};

static const char bounded_buffer[] = {
#embed "../../scripts/bounded-buffer.lua"
    , 0};

static const char chat[] = {
#embed "../../scripts/chat.lua"
    , 0};

static const char counter[] = {
#embed "../../scripts/counter.lua"
    , 0};

static const char debug_monitor[] = {
#embed "../../scripts/debug-monitor.lua"
    , 0};

static const char debug_send[] = {
#embed "../../scripts/debug-send.lua"
    , 0};

static const char first[] = {
#embed "../../scripts/first.lua"
    , 0};

static const char logger[] = {
#embed "../../scripts/logger.lua"
    , 0};

static const char pipeline[] = {
#embed "../../scripts/pipeline.lua"
    , 0};

static const char publish[] = {
#embed "../../scripts/publish.lua"
    , 0};

static const char second[] = {
#embed "../../scripts/second.lua"
    , 0};

static const char show[] = {
#embed "../../scripts/show.lua"
    , 0};

static const char signal_first[] = {
#embed "../../scripts/signal-first.lua"
    , 0};

static const char signal_second[] = {
#embed "../../scripts/signal-second.lua"
    , 0};

static const char telemetry[] = {
#embed "../../scripts/telemetry.lua"
    , 0};

static const char telemetry_reader[] = {
#embed "../../scripts/telemetry-reader.lua"
    , 0};

static const char telemetry_writer[] = {
#embed "../../scripts/telemetry-writer.lua"
    , 0};

static const char wait_for[] = {
#embed "../../scripts/wait-for.lua"
    , 0};

static const char worker[] = {
#embed "../../scripts/worker.lua"
    , 0};

static const struct cbundle_text texts[] = {
    TEXT("ask", ask),
    TEXT("board", board),
    TEXT("bounded-buffer", bounded_buffer),
    TEXT("chat", chat),
    TEXT("counter", counter),
    TEXT("debug-monitor", debug_monitor),
    TEXT("debug-send", debug_send),
    TEXT("first", first),
    TEXT("logger", logger),
    TEXT("pipeline", pipeline),
    TEXT("publish", publish),
    TEXT("second", second),
    TEXT("show", show),
    TEXT("signal-first", signal_first),
    TEXT("signal-second", signal_second),
    TEXT("telemetry", telemetry),
    TEXT("telemetry-reader", telemetry_reader),
    TEXT("telemetry-writer", telemetry_writer),
    TEXT("wait-for", wait_for),
    TEXT("worker", worker),
};

struct cbundle_text cbundle_script(size_t index) {
  static const struct cbundle_text none;
  return index < sizeof texts / sizeof *texts ? texts[index] : none;
}
