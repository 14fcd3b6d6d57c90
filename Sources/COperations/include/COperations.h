/*
 * COperations: each operation on shared memory once, for Lua's bindings and
 * for the Swift library. No Lua and no malloc; nothing waits unless it is
 * asked to, and what fails returns a code.
 */
#ifndef COPERATIONS_H
#define COPERATIONS_H

#include "COperationsBits.h"
#include "COperationsCells.h"
#include "COperationsCopies.h"
#include "COperationsNear.h"
#include "COperationsSequences.h"
#include "COperationsSnapshots.h"
#include "COperationsTexts.h"
#include "COperationsWaits.h"

#endif
