// SPDX-License-Identifier: GPL-3.0-or-later
// For gcc's -fanalyzer, before every file (tools/analyze): that err_set() and its kin are always false, which
// stands in base/err.c, where the analyser does not look from elsewhere.
#include "base/err.h"

// What configure tells.
#define PACKAGE_VERSION ""
#define OURO_PKGDATADIR ""
#define OURO_PKGLIBEXECDIR ""

#define err_set(...) (err_set(__VA_ARGS__) && false)
#define err_wrap(...) (err_wrap(__VA_ARGS__) && false)
#define err_memory(...) (err_memory(__VA_ARGS__) && false)
#define err_errno(...) (err_errno(__VA_ARGS__) && false)
