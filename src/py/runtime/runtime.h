// SPDX-License-Identifier: GPL-3.0-or-later
// Reading interpreters and threads out of the runtime. Private to src/py.
#ifndef OURO_PY_RUNTIME_RUNTIME_H
#define OURO_PY_RUNTIME_RUNTIME_H

#include "py/python.h"

// Fills py->interpreters. Fails when there is none, or memory is short.
bool runtime_read(struct python *py, struct err *err);
void runtime_forget(struct python *py);

#endif
