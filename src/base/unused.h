// SPDX-License-Identifier: GPL-3.0-or-later
// UNUSED before a parameter that a callback must have and does not need, or before what only an assert or one
// of several builds reads. Everything else that is not used is a warning.
//
// Does not know: anything. Owns: nothing.
#ifndef OURO_BASE_UNUSED_H
#define OURO_BASE_UNUSED_H

#define UNUSED __attribute__((unused))

#endif
