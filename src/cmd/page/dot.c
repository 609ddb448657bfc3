// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing with Graphviz: see dot.h.
#include "cmd/page/dot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heap/names/edge.h"

#define LABEL_WIDTH 40

extern char **environ;

// Labels are words of the target: they are escaped for a terminal already, and for DOT here.
static void add_quoted(struct text *out, const char *words)
{
    text_add_char(out, '"');
    for (; *words; words++) {
        if (*words == '"' || *words == '\\')
            text_add_char(out, '\\');
        text_add_char(out, *words);
    }
    text_add_char(out, '"');
}

bool dot_begin(struct dot *dot, const struct session *session, node focus, struct err *err)
{
    *dot = (struct dot){ .session = session, .focus = focus };
    text_add_string(
        &dot->text,
        "digraph heap {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
        "  edge [fontname=\"sans-serif\", fontsize=9];\n");
    return text_ok(&dot->text, err) && dot_object(dot, focus, err);
}

bool dot_object(struct dot *dot, node n, struct err *err)
{
    const struct heap *heap = &dot->session->heap;
    struct text label = TEXT_INIT;
    if (map_get(&dot->drawn, n) != MAP_NONE)
        return true;
    heap_preview(heap, n, LABEL_WIDTH, &label);
    text_add_format(&dot->text, "  n%lu [label=", (unsigned long)n);
    struct text both = TEXT_INIT;
    text_add_string(&both, heap_type_name(heap, heap_type(heap, n)));
    text_add_string(&both, "  ");
    text_add_string(&both, text_string(&label));
    add_quoted(&dot->text, text_string(&both));
    text_add_format(&dot->text, ", tooltip=\"0x%llx\"%s];\n",
                    (unsigned long long)heap_addr(heap, n), n == dot->focus ? ", penwidth=3" : "");
    text_fini(&label);
    text_fini(&both);
    return text_ok(&dot->text, err) && map_put(&dot->drawn, n, 1, err);
}

bool dot_root(struct dot *dot, node to, const char *name, struct err *err)
{
    text_add_format(&dot->text, "  r%lu [shape=ellipse, label=", (unsigned long)to);
    add_quoted(&dot->text, name);
    text_add_format(&dot->text, "];\n  r%lu -> n%lu;\n", (unsigned long)to, (unsigned long)to);
    return text_ok(&dot->text, err);
}

bool dot_edge(struct dot *dot, node from, node to, const char *name, struct err *err)
{
    text_add_format(&dot->text, "  n%lu -> n%lu [label=", (unsigned long)from, (unsigned long)to);
    add_quoted(&dot->text, name);
    text_add_string(&dot->text, "];\n");
    return text_ok(&dot->text, err);
}

bool dot_end(struct dot *dot, struct err *err)
{
    text_add_string(&dot->text, "}\n");
    return text_ok(&dot->text, err);
}

void dot_fini(struct dot *dot)
{
    text_fini(&dot->text);
    map_fini(&dot->drawn);
}

// --- files --------------------------------------------------------------------------------------

static bool dot_write_whole(int fd, const struct text *text, const char *path, struct err *err)
{
    for (size_t at = 0; at < text->size;) {
        ssize_t n = write(fd, text->data + at, text->size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_errno(err, errno, path);
        at += (size_t)n;
    }
    return true;
}

static bool dot_write_file(const struct dot *dot, const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, errno, path);
    bool ok = dot_write_whole(fd, &dot->text, path, err);
    return (close(fd) == 0 || err_errno(err, errno, path)) && ok;
}

// dot reads from a file without a name, so that nothing breaks when it goes away early.
static bool run_dot(int input, const char *path, const char *format, struct err *err)
{
    char type[32], output[4096];
    snprintf(type, sizeof type, "-T%s", format);
    if (snprintf(output, sizeof output, "-o%s", path) >= (int)sizeof output)
        return err_set(err, ERR_USAGE, "a path of more than %zu bytes", sizeof output);
    char *argv[] = { (char[]){ "dot" }, type, output, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    pid_t pid;
    int failed = posix_spawnp(&pid, "dot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return err_set(err, ERR_UNSUPPORTED,
                       "dot of Graphviz cannot be run (%s); -T dot writes its input",
                       strerror(failed));
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_errno(err, errno, "dot");
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0)
           || err_set(err, ERR_IO, "dot failed to draw %s", path);
}

static bool dot_draw(const struct dot *dot, const char *path, const char *format, struct err *err)
{
    int fd = memfd_create("graph", MFD_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "a file in memory");
    bool ok = dot_write_whole(fd, &dot->text, "a file in memory", err)
              && (lseek(fd, 0, SEEK_SET) == 0 || err_errno(err, errno, "a file in memory"))
              && run_dot(fd, path, format, err);
    close(fd);
    return ok;
}

bool dot_write(const struct dot *dot, const char *path, const char *format, uint64_t *size,
               struct err *err)
{
    static const char *const formats[] = { "dot", "svg", "png", "pdf" };
    bool known = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        known |= !strcmp(format, formats[i]);
    if (!known)
        return err_set(err, ERR_USAGE, "-T %s: it may be dot, svg, png or pdf", format);
    if (strcmp(format, "dot") ? !dot_draw(dot, path, format, err) : !dot_write_file(dot, path, err))
        return false;
    struct stat s;
    *size = stat(path, &s) ? 0 : (uint64_t)s.st_size;
    return true;
}
