// SPDX-License-Identifier: GPL-3.0-or-later
// Files that rows go into: see export_sink.h.
#include "cmd/export/export_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/vec.h"

#define LEVEL 3

static char *export_sink_name(const struct export_sink *sink, size_t file)
{
    char *name = NULL;
    if (!sink->splits)
        return strdup(sink->path);
    return asprintf(&name, "%.*s.%04zu%s", (int)sink->ending, sink->path, file + 1,
                    sink->path + sink->ending)
                   < 0
               ? NULL
               : name;
}

static bool export_sink_begin(struct export_sink *sink, struct err *err)
{
    if (sink->count == EXPORT_FILES_MAX)
        return err_set(err, ERR_USAGE, "export: more than %d files: let --split be larger",
                       EXPORT_FILES_MAX);
    if (!vec_grow(&sink->files, &sink->room, sink->count + 1, sizeof *sink->files, err))
        return false;
    char *name = export_sink_name(sink, sink->count);
    bool ok = name ? outfile_create(&sink->files[sink->count], name, err)
                   : err_memory(err, "the name of a file");
    free(name);
    sink->count += ok;
    return ok;
}

bool export_sink_open(struct export_sink *sink, const char *path, size_t ending, bool splits,
                      bool packs, struct err *err)
{
    *sink = (struct export_sink){ .path = path, .ending = strlen(path) - ending, .splits = splits };
    if (packs) {
        sink->stream = ZSTD_createCStream();
        sink->block = malloc(ZSTD_CStreamOutSize());
        if (!sink->stream || !sink->block
            || ZSTD_isError(ZSTD_CCtx_setParameter(sink->stream, ZSTD_c_compressionLevel, LEVEL))) {
            export_sink_drop(sink);
            return err_memory(err, "packing");
        }
        ZSTD_CCtx_setParameter(sink->stream, ZSTD_c_checksumFlag, 1);
        ZSTD_CCtx_setParameter(sink->stream, ZSTD_c_nbWorkers, 1); // if the library has threads
    }
    if (export_sink_begin(sink, err))
        return true;
    export_sink_drop(sink);
    return false;
}

static bool export_sink_pack(struct export_sink *sink, const void *bytes, size_t size,
                             ZSTD_EndDirective how, struct err *err)
{
    ZSTD_inBuffer in = { bytes, size, 0 };
    size_t left;
    do {
        ZSTD_outBuffer out = { sink->block, ZSTD_CStreamOutSize(), 0 };
        left = ZSTD_compressStream2(sink->stream, &out, &in, how);
        if (ZSTD_isError(left))
            return err_set(err, ERR_IO, "packing: %s", ZSTD_getErrorName(left));
        if (!outfile_write(&sink->files[sink->count - 1], sink->block, out.pos, err))
            return false;
    } while (how == ZSTD_e_continue ? in.pos < in.size : left > 0);
    return true;
}

bool export_sink_write(struct export_sink *sink, const void *bytes, size_t size, struct err *err)
{
    return sink->stream ? export_sink_pack(sink, bytes, size, ZSTD_e_continue, err)
                        : outfile_write(&sink->files[sink->count - 1], bytes, size, err);
}

static bool export_sink_end(struct export_sink *sink, struct err *err)
{
    return !sink->stream || export_sink_pack(sink, NULL, 0, ZSTD_e_end, err);
}

bool export_sink_next(struct export_sink *sink, struct err *err)
{
    return export_sink_end(sink, err) && export_sink_begin(sink, err);
}

bool export_sink_keep(struct export_sink *sink, uint64_t *bytes, struct err *err)
{
    bool ok = export_sink_end(sink, err);
    size_t kept = 0;
    *bytes = 0;
    while (ok && kept < sink->count) {
        uint64_t size = 0;
        ok = outfile_keep(&sink->files[kept], &size, err);
        kept += ok;
        *bytes += size;
    }
    // If one file cannot be given its name, those that already have theirs are removed.
    while (!ok && kept-- > 0) {
        char *name = export_sink_name(sink, kept);
        if (name)
            unlink(name);
        free(name);
    }
    export_sink_drop(sink);
    return ok;
}

void export_sink_drop(struct export_sink *sink)
{
    for (size_t i = 0; i < sink->count; i++)
        outfile_drop(&sink->files[i]);
    free(sink->files);
    ZSTD_freeCStream(sink->stream);
    free(sink->block);
    *sink = (struct export_sink){ 0 };
}
