// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro --gdb TARGET`: see gdb.h.
#include "cli/gdb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/store.h"
#include "base/text.h"
#include "cli/install_dirs.h"
#include "target/target.h"

#define WORDS_MOST 16

struct command_line {
    char *words[WORDS_MOST];
    size_t count;
};

static void gdb_add(struct command_line *line, const char *word)
{
    if (line->count + 1 < WORDS_MOST)
        line->words[line->count++] = strdup(word);
}

static void add_two(struct command_line *line, const char *option, const char *before,
                    const char *value)
{
    struct text text = TEXT_INIT;
    text_add_string(&text, before);
    text_add_string(&text, value);
    gdb_add(line, option);
    gdb_add(line, text_string(&text));
    text_fini(&text);
}

// gdb wants the program, too; the core knows which it was. Cores that gdb cannot open are refused
// here, with ouro's own message.
static bool add_core(struct command_line *line, const struct options *options, struct err *err)
{
    const struct target_options how = { .exe = options->exe, .sysroot = options->sysroot };
    struct target target = { 0 };
    if (!target_open_core(&target, options->core, &how, err))
        return false;
    for (size_t i = 0; i < target.module_count; i++)
        if (target.modules[i].is_program && target.modules[i].file)
            gdb_add(line, target.modules[i].file);
    target_close(&target);
    add_two(line, "-c", "", options->core);
    return true;
}

static bool is_packed(const char *path)
{
    unsigned char magic[4] = { 0 };
    FILE *file = fopen(path, "rb");
    size_t got = file ? fread(magic, 1, sizeof magic, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof magic && memcmp(magic, "\177ELF", sizeof magic);
}

bool gdb_become(const struct options *options, struct err *err)
{
    char data[4096], number[32];
    struct command_line line = { .count = 0 };
    if (!install_data(data, sizeof data))
        return err_set(err, ERR_NOT_FOUND, "ouro-gdb.py is not where it was installed");
    if (!options->pid && !store_is(options->core) && is_packed(options->core))
        return err_set(err, ERR_UNSUPPORTED, "%s: gdb opens only uncompressed cores",
                       options->core);
    if (!options->pid && store_is(options->core))
        return err_set(err, ERR_UNSUPPORTED, "%s: gdb cannot open a saved heap", options->core);
    gdb_add(&line, "gdb");
    gdb_add(&line, "-q");
    if (options->sysroot)
        add_two(&line, "-iex", "set sysroot ", options->sysroot);
    struct text script = TEXT_INIT;
    text_add_format(&script, "source %s/ouro-gdb.py", data);
    add_two(&line, "-iex", "", text_string(&script));
    text_fini(&script);
    if (options->python) {
        snprintf(number, sizeof number, "%zu", options->python);
        add_two(&line, "-iex", "set ouro python ", number);
    }
    snprintf(number, sizeof number, "%d", (int)options->pid);
    if (options->pid)
        add_two(&line, "-p", "", number);
    else if (!add_core(&line, options, err))
        return false;
    signal(SIGPIPE, SIG_DFL); // gdb's own business
    execvp(line.words[0], line.words);
    return err_set(err, ERR_NOT_FOUND, "gdb could not be started: %s", strerror(errno));
}
