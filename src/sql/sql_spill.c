// SPDX-License-Identifier: GPL-3.0-or-later
// Files that exist in memory alone: see sql_spill.h.
#include "sql/sql_spill.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unused.h"

#define SECTOR 4096

struct spill_file { // a sqlite3_file
    sqlite3_file base;
    struct sql_spill *spill;
    int fd;
    sqlite3_int64 size;
};

static void spill_resize(struct spill_file *file, sqlite3_int64 size)
{
    file->spill->bytes += (uint64_t)(size - file->size);
    file->size = size;
}

static int spill_close(sqlite3_file *base)
{
    struct spill_file *file = (struct spill_file *)base;
    spill_resize(file, 0);
    close(file->fd);
    return SQLITE_OK;
}

// What lies beyond the end is zero, and said to be.
static int spill_read(sqlite3_file *base, void *to, int size, sqlite3_int64 from)
{
    const struct spill_file *file = (const struct spill_file *)base;
    int done = 0;
    while (done < size) {
        ssize_t got = pread(file->fd, (char *)to + done, (size_t)(size - done), from + done);
        if (got < 0)
            return SQLITE_IOERR_READ;
        if (!got)
            break;
        done += (int)got;
    }
    memset((char *)to + done, 0, (size_t)(size - done));
    return done == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int spill_write(sqlite3_file *base, const void *from, int size, sqlite3_int64 at)
{
    struct spill_file *file = (struct spill_file *)base;
    for (int done = 0; done < size;) {
        ssize_t put = pwrite(file->fd, (const char *)from + done, (size_t)(size - done), at + done);
        if (put <= 0)
            return SQLITE_FULL;
        done += (int)put;
    }
    if (at + size > file->size)
        spill_resize(file, at + size);
    return SQLITE_OK;
}

static int spill_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct spill_file *file = (struct spill_file *)base;
    if (ftruncate(file->fd, size))
        return SQLITE_IOERR_TRUNCATE;
    spill_resize(file, size);
    return SQLITE_OK;
}

static int spill_size(sqlite3_file *base, sqlite3_int64 *size)
{
    *size = ((const struct spill_file *)base)->size;
    return SQLITE_OK;
}

// Nobody else has the file, and nothing of it has to last.
static int spill_sync(UNUSED sqlite3_file *base, UNUSED int flags)
{
    return SQLITE_OK;
}

static int spill_lock(UNUSED sqlite3_file *base, UNUSED int lock)
{
    return SQLITE_OK;
}

static int spill_is_reserved(UNUSED sqlite3_file *base, int *reserved)
{
    *reserved = 0;
    return SQLITE_OK;
}

static int spill_control(UNUSED sqlite3_file *base, UNUSED int op, UNUSED void *argument)
{
    return SQLITE_NOTFOUND;
}

static int spill_sector(UNUSED sqlite3_file *base)
{
    return SECTOR;
}

static int spill_traits(UNUSED sqlite3_file *base)
{
    return 0;
}

static const sqlite3_io_methods spill_methods = {
    .iVersion = 1,
    .xClose = spill_close,
    .xRead = spill_read,
    .xWrite = spill_write,
    .xTruncate = spill_truncate,
    .xSync = spill_sync,
    .xFileSize = spill_size,
    .xLock = spill_lock,
    .xUnlock = spill_lock,
    .xCheckReservedLock = spill_is_reserved,
    .xFileControl = spill_control,
    .xSectorSize = spill_sector,
    .xDeviceCharacteristics = spill_traits,
};

// A file with a name is none of ours.
static int spill_open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                           int *out_flags)
{
    struct spill_file *file = (struct spill_file *)base;
    *file = (struct spill_file){ .spill = (struct sql_spill *)vfs };
    file->fd = name ? -1 : memfd_create("ouro-sql", MFD_CLOEXEC);
    if (file->fd < 0)
        return SQLITE_CANTOPEN;
    file->base.pMethods = &spill_methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

// All but files is the system's own vfs.
int sql_spill_open(struct sql_spill *spill)
{
    const sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system)
        return SQLITE_ERROR;
    *spill = (struct sql_spill){ .vfs = *system };
    snprintf(spill->name, sizeof spill->name, "ouro-%p", (void *)spill);
    spill->vfs.zName = spill->name;
    spill->vfs.szOsFile = (int)sizeof(struct spill_file);
    spill->vfs.xOpen = spill_open_file;
    spill->vfs.pNext = NULL;
    int status = sqlite3_vfs_register(&spill->vfs, 0);
    spill->registered = status == SQLITE_OK;
    return status;
}

void sql_spill_close(struct sql_spill *spill)
{
    if (spill->registered)
        sqlite3_vfs_unregister(&spill->vfs);
    *spill = (struct sql_spill){ 0 };
}
