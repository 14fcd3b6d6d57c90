/* What the binary requires as "moonpool.NAME". Each text is an array of its own
   and a row of the table; a test misses the file that is in neither. */
#include "CBundle.h"

#define TEXT(name, array) {name, array, sizeof array - 1}

static const char api_atomics[] = {
#embed "Api/api_atomics.lua"
    , 0};

static const char api_event[] = {
#embed "Api/api_event.lua"
    , 0};

static const char api_kinds[] = {
#embed "Api/api_kinds.lua"
    , 0};

static const char api_layouts[] = {
#embed "Api/api_layouts.lua"
    , 0};

static const char api_limits[] = {
#embed "Api/api_limits.lua"
    , 0};

static const char api_memory[] = {
#embed "Api/api_memory.lua"
    , 0};

static const char api_mutex[] = {
#embed "Api/api_mutex.lua"
    , 0};

static const char api_named[] = {
#embed "Api/api_named.lua"
    , 0};

static const char api_process[] = {
#embed "Api/api_process.lua"
    , 0};

static const char api_prompt[] = {
#embed "Api/api_prompt.lua"
    , 0};

static const char api_queue[] = {
#embed "Api/api_queue.lua"
    , 0};
static const char api_topic[] = {
#embed "Api/api_topic.lua"
    , 0};

static const char api_scenarios[] = {
#embed "Api/api_scenarios.lua"
    , 0};

static const char api_semaphore[] = {
#embed "Api/api_semaphore.lua"
    , 0};

static const char api_shared[] = {
#embed "Api/api_shared.lua"
    , 0};

static const char api_typed[] = {
#embed "Api/api_typed.lua"
    , 0};

static const char api_wine[] = {
#embed "Api/api_wine.lua"
    , 0};

static const char help[] = {
#embed "Api/help.lua"
    , 0};

static const char manual[] = {
#embed "Api/manual.lua"
    , 0};

static const char text[] = {
#embed "Api/text.lua"
    , 0};

static const char types[] = {
#embed "Api/types.lua"
    , 0};

static const char calls[] = {
#embed "Prompt/calls.lua"
    , 0};

static const char complete[] = {
#embed "Prompt/complete.lua"
    , 0};

static const char dump[] = {
#embed "Prompt/dump.lua"
    , 0};

static const char failure[] = {
#embed "Prompt/failure.lua"
    , 0};

static const char indent[] = {
#embed "Prompt/indent.lua"
    , 0};

static const char lexer[] = {
#embed "Prompt/lexer.lua"
    , 0};

static const char prompt[] = {
#embed "Prompt/prompt.lua"
    , 0};

static const char show[] = {
#embed "Prompt/show.lua"
    , 0};

static const char values[] = {
#embed "Prompt/values.lua"
    , 0};

static const char layouts[] = {
#embed "Layouts/layouts.lua"
    , 0};

static const char layouts_games[] = {
#embed "Layouts/layouts_games.lua"
    , 0};

static const char layouts_sensors[] = {
#embed "Layouts/layouts_sensors.lua"
    , 0};

static const char layouts_voice[] = {
#embed "Layouts/layouts_voice.lua"
    , 0};

static const char scenario[] = {
#embed "Plays/scenario.lua"
    , 0};

static const char scenario_declaration[] = {
#embed "Plays/scenario_declaration.lua"
    , 0};

static const char scenario_finalizers[] = {
#embed "Plays/scenario_finalizers.lua"
    , 0};

static const char scenario_history[] = {
#embed "Plays/scenario_history.lua"
    , 0};

static const char scenario_order[] = {
#embed "Plays/scenario_order.lua"
    , 0};

static const char scenario_places[] = {
#embed "Plays/scenario_places.lua"
    , 0};

static const struct cbundle_text texts[] = {
    TEXT("api_atomics", api_atomics),
    TEXT("api_event", api_event),
    TEXT("api_kinds", api_kinds),
    TEXT("api_layouts", api_layouts),
    TEXT("api_limits", api_limits),
    TEXT("api_memory", api_memory),
    TEXT("api_mutex", api_mutex),
    TEXT("api_named", api_named),
    TEXT("api_process", api_process),
    TEXT("api_prompt", api_prompt),
    TEXT("api_queue", api_queue),
    TEXT("api_topic", api_topic),
    TEXT("api_scenarios", api_scenarios),
    TEXT("api_semaphore", api_semaphore),
    TEXT("api_shared", api_shared),
    TEXT("api_typed", api_typed),
    TEXT("api_wine", api_wine),
    TEXT("help", help),
    TEXT("manual", manual),
    TEXT("text", text),
    TEXT("types", types),
    TEXT("calls", calls),
    TEXT("complete", complete),
    TEXT("dump", dump),
    TEXT("failure", failure),
    TEXT("indent", indent),
    TEXT("lexer", lexer),
    TEXT("prompt", prompt),
    TEXT("show", show),
    TEXT("values", values),
    TEXT("layouts", layouts),
    TEXT("layouts_games", layouts_games),
    TEXT("layouts_sensors", layouts_sensors),
    TEXT("layouts_voice", layouts_voice),
    TEXT("scenario", scenario),
    TEXT("scenario_declaration", scenario_declaration),
    TEXT("scenario_finalizers", scenario_finalizers),
    TEXT("scenario_history", scenario_history),
    TEXT("scenario_order", scenario_order),
    TEXT("scenario_places", scenario_places),
};

struct cbundle_text cbundle_module(size_t index) {
  static const struct cbundle_text none;
  return index < sizeof texts / sizeof *texts ? texts[index] : none;
}
