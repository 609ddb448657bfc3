// SPDX-License-Identifier: GPL-3.0-or-later
// All of a file, or nothing: see export_file.h.
#include "cmd/export/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool export_file_create(struct export_file *file, const char *path, struct err *err)
{
    struct stat there;
    *file = (struct export_file){ .fd = -1, .path = path };
    if (!lstat(path, &there))
        return err_errno(err, EEXIST, path);
    text_add_format(&file->part, "%s.part", path);
    if (!text_ok(&file->part, err))
        return false;
    file->fd = open(text_string(&file->part), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->fd >= 0)
        return true;
    err_errno(err, errno, text_string(&file->part));
    text_fini(&file->part);
    return false;
}

// link() does not replace what came to that place meanwhile, as rename() does; not every file system
// has links.
static bool export_file_move(const char *from, const char *to)
{
    if (!link(from, to)) {
        unlink(from);
        return true;
    }
    return (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) && !rename(from, to);
}

bool export_file_keep(struct export_file *file, uint64_t *bytes, struct err *err)
{
    struct stat now;
    bool ok = !fstat(file->fd, &now);
    *bytes = ok ? (uint64_t)now.st_size : 0;
    ok = !close(file->fd) && ok;
    file->fd = -1;
    ok = (ok && export_file_move(text_string(&file->part), file->path))
         || err_errno(err, errno, file->path);
    if (ok)
        text_fini(&file->part);
    else
        export_file_drop(file);
    return ok;
}

void export_file_drop(struct export_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    unlink(text_string(&file->part));
    text_fini(&file->part);
}
