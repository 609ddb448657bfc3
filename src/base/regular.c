// SPDX-License-Identifier: GPL-3.0-or-later
// Regular files, opened once: see regular.h.
#include "base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// False: no regular file.
static bool regular_of(int fd, struct regular *which)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return false;
    *which = (struct regular){
        .device = (uint64_t)st.st_dev,
        .inode = (uint64_t)st.st_ino,
        .size = (uint64_t)st.st_size,
        .changed = st.st_ctim,
        .owner = (uint32_t)st.st_uid,
        .mode = (uint32_t)st.st_mode,
    };
    return true;
}

bool regular_same(const struct regular *a, const struct regular *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

// Without /proc the file is opened again by its name; the caller checks that it is the same file.
static int regular_reopen(int look, const char *path)
{
    char again[64];
    const int how = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    snprintf(again, sizeof again, "/proc/self/fd/%d", look);
    int fd = open(again, how);
    return fd < 0 && errno == ENOENT ? open(path, how) : fd;
}

static bool regular_refuse(int fd, const char *path, struct err *err)
{
    struct stat st;
    bool known = !fstat(fd, &st);
    return err_set(err, ERR_FORMAT, "%s: %s", path,
                   known && S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
}

int regular_open(const char *path, struct regular *which, struct err *err)
{
    struct regular looked, here;
    int look = open(path, O_PATH | O_CLOEXEC);
    if (look < 0) {
        err_errno(err, errno, path);
        return -1;
    }
    if (!regular_of(look, &looked)) {
        regular_refuse(look, path, err);
        close(look);
        return -1;
    }
    int fd = regular_reopen(look, path);
    int why = errno;
    close(look);
    if (fd < 0) {
        err_errno(err, why, path);
        return -1;
    }
    if (!regular_of(fd, &here) || here.device != looked.device || here.inode != looked.inode) {
        err_set(err, ERR_IO, "%s: it has been replaced meanwhile", path);
        close(fd);
        return -1;
    }
    if (which)
        *which = here;
    return fd;
}

int regular_open_again(const char *path, const struct regular *which)
{
    struct regular here;
    int fd = regular_open(path, &here, NULL);
    if (fd >= 0 && !regular_same(&here, which)) {
        close(fd);
        return -1;
    }
    return fd;
}
