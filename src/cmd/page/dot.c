// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing with Graphviz: see dot.h.
#include "cmd/page/dot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/outfile.h"
#include "heap/names/edge.h"

#define LABEL_WIDTH 40

extern char **environ;

// Labels are the target's text: already escaped for a terminal, and here for DOT.
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

static bool dot_write_text(const struct dot *dot, int fd, struct err *err)
{
    struct outfile output = { .fd = fd };
    return outfile_write(&output, dot->text.data, dot->text.size, err);
}

// A hostile graph must not make `dot` take the machine's memory and time.
static void dot_limit(pid_t pid)
{
    static const struct {
        int what;
        rlim_t most;
    } limits[] = { { RLIMIT_CPU, 120 },
                   { RLIMIT_AS, (rlim_t)4 << 30 },
                   { RLIMIT_FSIZE, (rlim_t)256 << 20 },
                   { RLIMIT_CORE, 0 } };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit now, both = { limits[i].most, limits[i].most };
        if (prlimit(pid, limits[i].what, NULL, &now) == 0 && now.rlim_max > limits[i].most)
            prlimit(pid, limits[i].what, &both, NULL);
    }
}

// dot reads from an unnamed file, so that nothing breaks if it exits early, and writes to a
// descriptor, so that it follows no link.
static bool run_dot(int input, int to, const char *format, const struct progress *progress,
                    struct err *err)
{
    char type[32];
    snprintf(type, sizeof type, "-T%s", format);
    char *argv[] = { (char[]){ "dot" }, type, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, to, 1);
    pid_t pid;
    int failed = posix_spawnp(&pid, "dot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return err_set(err, ERR_UNSUPPORTED,
                       "dot of Graphviz cannot be run (%s); -T dot writes its input",
                       strerror(failed));
    dot_limit(pid);
    int status;
    for (pid_t got; (got = waitpid(pid, &status, WNOHANG)) != pid;) {
        if (got < 0 && errno != EINTR)
            return err_errno(err, errno, "dot");
        if (progress_step(progress, "drawing", 0, 0)) {
            nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
            continue;
        }
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        return err_set(err, ERR_CANCELLED, "stopped while dot was drawing");
    }
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0)
           || err_set(err, ERR_IO, "dot failed to draw it");
}

static bool dot_draw(const struct dot *dot, int to, const char *format, struct err *err)
{
    int fd = memfd_create("graph", MFD_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "a file in memory");
    bool ok = dot_write_text(dot, fd, err)
              && (lseek(fd, 0, SEEK_SET) == 0 || err_errno(err, errno, "a file in memory"))
              && run_dot(fd, to, format, &dot->session->options.progress, err);
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
    struct outfile output;
    if (!outfile_open(&output, path, err))
        return false;
    bool is_dot = !strcmp(format, "dot");
    if (is_dot ? dot_write_text(dot, output.fd, err) : dot_draw(dot, output.fd, format, err))
        return outfile_keep(&output, size, err);
    outfile_drop(&output);
    return false;
}
