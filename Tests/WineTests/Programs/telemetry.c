/*
 * Publishes the beginning of what Assetto Corsa does, of a car at 123.5 km/h in
 * its third gear, says so, and ends with its standard input.
 */
#include <windows.h>

#include <stdio.h>

struct physics {
  int packetId;
  float gas, brake, fuel;
  int gear, rpms;
  float steerAngle, speedKmh;
  char more[768];
};

int main(void) {
  HANDLE mapping =
      CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                         sizeof(struct physics), "Local\\acpmf_physics");
  struct physics *car =
      mapping ? MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0) : NULL;
  if (!car)
    return 1;
  *car = (struct physics){
      .gas = 1, .fuel = 40, .gear = 4, .rpms = 6500, .speedKmh = 123.5f};
  car->packetId = 42;
  printf("drives\n");
  fflush(stdout);
  while (getchar() != EOF)
    ;
  return 0;
}
