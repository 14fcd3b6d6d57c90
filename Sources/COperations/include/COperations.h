/*
 * COperations: each operation on shared memory, once for Lua's bindings and
 * the Swift library together. It uses neither Lua nor malloc; nothing waits
 * unless asked to, and whatever can fail returns a code.
 */
#ifndef COPERATIONS_H
#define COPERATIONS_H

#include "COperationsBits.h"
#include "COperationsBroadcasts.h"
#include "COperationsCells.h"
#include "COperationsCopies.h"
#include "COperationsDistance.h"
#include "COperationsRings.h"
#include "COperationsSequences.h"
#include "COperationsSnapshots.h"
#include "COperationsTexts.h"
#include "COperationsWaits.h"

#endif
