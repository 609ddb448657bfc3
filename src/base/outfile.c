// SPDX-License-Identifier: GPL-3.0-or-later
// Files that answers go into: see outfile.h.
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void outfile_forget(struct outfile *output)
{
    if (output->fd >= 0)
        close(output->fd);
    free(output->path);
    free(output->partial);
    *output = (struct outfile){ .fd = -1 };
}

static bool outfile_is_stream(const char *path)
{
    struct stat st;
    bool ours = !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/self/fd/", 14);
    return ours && stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

// A device, a FIFO, or one of our own descriptors.
static bool outfile_open_stream(struct outfile *output, const char *path, struct err *err)
{
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd >= 0 || err_errno(err, errno, path);
}

static bool outfile_open_file(struct outfile *output, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    output->path = strdup(path);
    if (!output->path || asprintf(&output->partial, "%.*s.ouro-XXXXXX", folder, path) < 0) {
        output->partial = NULL;
        outfile_forget(output);
        return err_memory(err, path);
    }
    output->fd = mkostemp(output->partial, O_CLOEXEC); // O_EXCL, 0600
    if (output->fd >= 0)
        return true;
    err_errno(err, errno, path);
    outfile_forget(output);
    return false;
}

bool outfile_open(struct outfile *output, const char *path, struct err *err)
{
    struct stat st;
    *output = (struct outfile){ .fd = -1 };
    bool there = lstat(path, &st) == 0;
    if (there && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode) || outfile_is_stream(path)))
        return outfile_open_stream(output, path, err);
    if (there && S_ISLNK(st.st_mode))
        return err_set(err, ERR_IO, "%s is a symbolic link, and is not followed", path);
    if (there && !S_ISREG(st.st_mode))
        return err_errno(err, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, path);
    return outfile_open_file(output, path, err);
}

bool outfile_create(struct outfile *output, const char *path, struct err *err)
{
    struct stat st;
    *output = (struct outfile){ .fd = -1 };
    if (lstat(path, &st) == 0)
        return err_errno(err, EEXIST, path);
    bool ok = outfile_open_file(output, path, err);
    output->fresh = true;
    return ok;
}

bool outfile_write(struct outfile *output, const void *bytes, size_t size, struct err *err)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = write(output->fd, (const char *)bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_errno(err, n ? errno : ENOSPC, output->path ? output->path : "write");
        at += (size_t)n;
    }
    return true;
}

void outfile_share(struct outfile *output)
{
    if (output->partial)
        fchmod(output->fd, 0644);
}

// Unlike rename(), link() does not replace a file that has appeared there meanwhile; not every file
// system has links.
static bool outfile_move(const struct outfile *output)
{
    if (output->fresh && link(output->partial, output->path) == 0) {
        unlink(output->partial);
        return true;
    }
    bool may = !output->fresh || errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    return may && rename(output->partial, output->path) == 0;
}

bool outfile_keep(struct outfile *output, uint64_t *size, struct err *err)
{
    struct stat st;
    if (size)
        *size = fstat(output->fd, &st) ? 0 : (uint64_t)st.st_size;
    int fd = output->fd;
    output->fd = -1;
    bool ok = close(fd) == 0 && (!output->partial || outfile_move(output));
    if (!ok) {
        err_errno(err, errno, output->path ? output->path : "write");
        if (output->partial)
            unlink(output->partial);
    }
    outfile_forget(output);
    return ok;
}

void outfile_drop(struct outfile *output)
{
    if (output->partial)
        unlink(output->partial);
    outfile_forget(output);
}
