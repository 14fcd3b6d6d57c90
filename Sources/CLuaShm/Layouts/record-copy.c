/* Operations on records, and copies of all bytes of a record. */
#include "record.h"

struct luashm_operation
luashm_on_record(enum luashm_op op, const struct luashm_record *record,
                 const struct luashm_member *member) {
  uint64_t room = member ? luashm_member_room(record->image, member,
                                              record->data->room)
                         : record->data->room;
  return (struct luashm_operation){
      .op = op,
      .object = record->data->head.object,
      .at = record->data->offset + (member ? member->offset : 0),
      .length = room,
      .record = record,
      .member = member};
}

const unsigned char *luashm_push_snapshot(lua_State *L, int index,
                                          const struct luashm_record *record) {
  struct luashm_operation operation =
      luashm_on_record(LUASHM_OP_RECORD_READ, record, NULL);
  if (!luashm_view_of(record)->base)
    luashm_closed_view(L, index);
  operation.subject = index;
  operation.bytes = luashm_push_scratch(L, record->data->room);
  luashm_perform(L, &operation);
  return operation.bytes;
}
