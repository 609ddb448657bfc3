// SPDX-License-Identifier: GPL-3.0-or-later
// Exceptions.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

static void exception_preview(const struct python *py, const struct type *type, UNUSED addr at,
                              const uint8_t *o, size_t width, struct text *out)
{
    addr args = LOAD(py, o, PyBaseExceptionObject_args);
    text_add_string(out, type->name);
    uint64_t count = READ(py, args, PyVarObject_ob_size);
    preview_items(py, INSIDE(py, args, PyTupleObject_ob_item), count, "()", width, out);
}

// What every exception ends with.
#define BASE_EXCEPTION_MEMBERS                                                                     \
    VISITED(PyBaseExceptionObject, dict, ".__dict__"),                                             \
        VISITED(PyBaseExceptionObject, args, ".args"),                                             \
        VISITED(PyBaseExceptionObject, notes, ".__notes__"),                                       \
        VISITED(PyBaseExceptionObject, message, ".message"),                                       \
        VISITED(PyBaseExceptionObject, traceback, ".__traceback__"),                               \
        VISITED(PyBaseExceptionObject, cause, ".__cause__"),                                       \
        VISITED(PyBaseExceptionObject, context, ".__context__")

const struct kind kinds_exception[] = {
    { .names = "BaseException exceptions.BaseException",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(BASE_EXCEPTION_MEMBERS) },
    { .names = "OSError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyOSErrorObject, myerrno, ".errno"),
              VISITED(PyOSErrorObject, strerror, ".strerror"),
              VISITED(PyOSErrorObject, filename, ".filename"),
              VISITED(PyOSErrorObject, filename2, ".filename2"), BASE_EXCEPTION_MEMBERS) },
    { .names = "EnvironmentError exceptions.EnvironmentError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyEnvironmentErrorObject, myerrno, ".errno"),
              VISITED(PyEnvironmentErrorObject, strerror, ".strerror"),
              VISITED(PyEnvironmentErrorObject, filename, ".filename"), BASE_EXCEPTION_MEMBERS) },
    { .names = "SystemExit exceptions.SystemExit",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PySystemExitObject, code, ".code"), BASE_EXCEPTION_MEMBERS) },
    { .names = "StopIteration",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyStopIterationObject, value, ".value"), BASE_EXCEPTION_MEMBERS) },
    { .names = "ImportError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyImportErrorObject, msg, ".msg"),
              VISITED(PyImportErrorObject, name, ".name"),
              VISITED(PyImportErrorObject, path, ".path"),
              VISITED(PyImportErrorObject, name_from, ".name_from"), BASE_EXCEPTION_MEMBERS) },
    { .names = "SyntaxError exceptions.SyntaxError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PySyntaxErrorObject, msg, ".msg"),
              VISITED(PySyntaxErrorObject, filename, ".filename"),
              VISITED(PySyntaxErrorObject, lineno, ".lineno"),
              VISITED(PySyntaxErrorObject, offset, ".offset"),
              VISITED(PySyntaxErrorObject, end_lineno, ".end_lineno"),
              VISITED(PySyntaxErrorObject, end_offset, ".end_offset"),
              VISITED(PySyntaxErrorObject, text, ".text"),
              VISITED(PySyntaxErrorObject, print_file_and_line, ".print_file_and_line"),
              VISITED(PySyntaxErrorObject, metadata, "metadata"), BASE_EXCEPTION_MEMBERS) },
    { .names = "UnicodeError UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError "
               "exceptions.UnicodeDecodeError "
               "exceptions.UnicodeEncodeError exceptions.UnicodeTranslateError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyUnicodeErrorObject, encoding, ".encoding"),
              VISITED(PyUnicodeErrorObject, object, ".object"),
              VISITED(PyUnicodeErrorObject, reason, ".reason"), BASE_EXCEPTION_MEMBERS) },
    { .names = "AttributeError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyAttributeErrorObject, obj, ".obj"),
              VISITED(PyAttributeErrorObject, name, ".name"), BASE_EXCEPTION_MEMBERS) },
    { .names = "NameError",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyNameErrorObject, name, ".name"), BASE_EXCEPTION_MEMBERS) },
    { .names = "BaseExceptionGroup",
      .traits = TRAIT_EXCEPTION,
      .preview = exception_preview,
      MEMBERS(VISITED(PyBaseExceptionGroupObject, msg, ".message"),
              VISITED(PyBaseExceptionGroupObject, excs, ".exceptions"),
              VISITED(PyBaseExceptionGroupObject, excs_str, "exceptions' text"),
              BASE_EXCEPTION_MEMBERS) },
    { 0 },
};
