// SPDX-License-Identifier: GPL-3.0-or-later
// Completions of the word at the cursor: commands, options, generations, types, and dotted names
// from the target.
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "cmd/session/resolve.h"
#include "cmd/session/words.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"

// Where completions go: those that begin with the word, without repetition.
struct offer {
    const char *word; // what has been typed of it
    size_t size;
    const char *prefix; // precedes it in the same word: "--by="
    struct names seen;
    void (*add)(void *context, const char *word);
    void *context;
};

static void offer_text(struct offer *offer, const char *text, size_t size)
{
    if (size < offer->size || strncmp(text, offer->word, offer->size)
        || names_get(&offer->seen, text, size) != NAMES_NONE)
        return;
    struct text copy = TEXT_INIT;
    text_add_string(&copy, offer->prefix);
    text_add(&copy, text, size);
    if (!copy.failed && names_put(&offer->seen, text, size, 0, NULL))
        offer->add(offer->context, text_string(&copy));
    text_fini(&copy);
}

static void offer_word(struct offer *offer, const char *text)
{
    offer_text(offer, text, strlen(text));
}

static void offer_commands(struct offer *offer)
{
    for (size_t i = 0; commands[i]; i++)
        offer_word(offer, commands[i]->name);
}

static void offer_option_rows(struct offer *offer, const struct option_row *rows)
{
    for (const struct option_row *row = rows; row && row->name; row++) {
        char name[64] = "--";
        strncat(name, row->name, sizeof name - 3);
        offer_word(offer, name);
    }
}

static void offer_options(struct offer *offer, const struct command *command)
{
    offer_option_rows(offer, command->options);
    offer_option_rows(offer, common_options);
    offer_word(offer, "--json");
}

static void offer_generations(struct offer *offer)
{
    static const char *const names[] = { "0", "1", "2", "permanent" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        offer_word(offer, names[i]);
}

static void offer_choices(struct offer *offer, const char *choices)
{
    for (const char *at = choices; at && *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        offer_text(offer, at, size);
        at += size;
    }
}

// Offers columns of the answer to the words so far; "-NAME" reverses the order.
static void offer_column_rows(struct offer *offer, const struct command *command,
                              const struct words *before)
{
    struct args args;
    struct err err = ERR_INIT;
    bool parsed = before->count > 1
                  && args_parse(&args, command, before->count - 2,
                                (const char *const *)before->items + 1, &err);
    const struct column *row =
        parsed && command->choose ? command->choose(&args) : command->columns;
    for (; row && row->name; row++) {
        char turned[64] = "-";
        strncat(turned, row->name, sizeof turned - 2);
        offer_word(offer, *offer->word == '-' ? turned : row->name);
    }
}

// Completes the last of several names joined by commas.
static void offer_columns(struct offer *offer, const struct command *command,
                          const struct words *before)
{
    const char *comma = strrchr(offer->word, ',');
    struct text prefix = TEXT_INIT;
    struct offer last = *offer;
    text_add_string(&prefix, offer->prefix);
    if (comma) {
        text_add(&prefix, offer->word, (size_t)(comma - offer->word) + 1);
        last.size -= (size_t)(comma - offer->word) + 1;
        last.word = comma + 1;
    }
    last.prefix = text_string(&prefix);
    offer_column_rows(&last, command, before);
    offer->seen = last.seen;
    text_fini(&prefix);
}

static void offer_topics(struct offer *offer, const struct command *command)
{
    const char *name, *help;
    for (size_t i = 0; command->topic && (name = command->topic(i, &help)); i++)
        offer_word(offer, name);
}

// Offers whole names, and for a word without a dot also last parts.
static void offer_types(struct offer *offer, const struct session *session)
{
    for (uint32_t t = 0; session->has_heap && t < heap_type_count(&session->heap); t++) {
        const char *name = heap_type_name(&session->heap, t), *dot = strrchr(name, '.');
        offer_word(offer, name);
        if (dot && dot[1] && offer->size)
            offer_word(offer, dot + 1);
    }
}

// --- dotted names -------------------------------------------------------------------------------

// Offers prefix + name for every reference called .name, and for every one called ['name'].
static void offer_edges(struct offer *offer, const struct heap *heap, node from, const char *prefix)
{
    struct heap_edges edges = { 0 };
    struct text name = TEXT_INIT;
    if (!heap_referents(heap, from, SIZE_MAX, &edges, NULL))
        edges.count = 0;
    for (size_t i = 0; i < edges.count; i++) {
        const char *edge = heap_edge_name(&edges, i);
        size_t size = strlen(edge);
        bool attribute = *edge == '.';
        if (!attribute && (size < 5 || strncmp(edge, "['", 2) || strcmp(edge + size - 2, "']")))
            continue;
        text_clear(&name);
        text_add_string(&name, prefix);
        text_add(&name, edge + (attribute ? 1 : 2), attribute ? size - 1 : size - 4);
        offer_text(offer, text_string(&name), name.size);
    }
    text_fini(&name);
    heap_edges_fini(&edges);
}

static void offer_attributes(struct offer *offer, const struct heap *heap, node from,
                             const char *prefix)
{
    offer_edges(offer, heap, from, prefix);
    node dict = heap_referent(heap, from, ".__dict__");
    if (dict != NODE_NONE)
        offer_edges(offer, heap, dict, prefix);
}

static void offer_names(struct offer *offer, const struct session *session)
{
    if (!session->has_heap)
        return;
    for (size_t i = 0; i < session->py.interpreter_count; i++) {
        node modules = resolve_modules(session, i);
        if (modules != NODE_NONE)
            offer_edges(offer, &session->heap, modules, "");
    }
    const char *dot = strrchr(offer->word, '.'), *failed;
    struct text base = TEXT_INIT, prefix = TEXT_INIT;
    text_add_string(&base, "__main__");
    if (dot) {
        text_clear(&base);
        text_add(&base, offer->word, (size_t)(dot - offer->word));
        text_add(&prefix, offer->word, (size_t)(dot - offer->word) + 1);
    }
    node from = resolve_name(session, text_string(&base), &failed);
    if (from != NODE_NONE)
        offer_attributes(offer, &session->heap, from, text_string(&prefix));
    text_fini(&base);
    text_fini(&prefix);
}

// Offers a name inside the quotes that the word begins with.
static void offer_quoted(struct offer *offer, const struct text *name)
{
    struct text quoted = TEXT_INIT;
    text_add_char(&quoted, *offer->word);
    text_add(&quoted, text_string(name), name->size);
    text_add_char(&quoted, *offer->word);
    if (!quoted.failed)
        offer_text(offer, text_string(&quoted), quoted.size);
    text_fini(&quoted);
}

// Root names have blanks, so they are offered in quotes; a local is offered by its whole name and
// by its short name in its frame.
static void offer_roots(struct offer *offer, struct session *session)
{
    struct err err = ERR_INIT;
    struct text name = TEXT_INIT, other = TEXT_INIT;
    const struct heap_roots *roots = &session->roots;
    bool known = session->has_heap && session_need(session, NEEDS_ROOTS, &err);
    for (size_t i = 0; known && i < roots->count; i++) {
        const struct root *root = &roots->items[i].root;
        if (root->kind < ROOT_LOCAL || root->kind > ROOT_INTERPRETER)
            continue;
        text_clear(&name);
        text_clear(&other);
        root_name(&session->py, root, &name);
        offer_quoted(offer, &name);
        if (resolve_short_root(root, text_string(&name), true, &other))
            offer_quoted(offer, &other);
    }
    text_fini(&name);
    text_fini(&other);
    err_clear(&err);
}

static void offer_kind(struct offer *offer, struct session *session, enum complete_kind kind)
{
    switch (kind) {
    case COMPLETE_OBJECT:
        if (*offer->word == '"' || *offer->word == '\'')
            offer_roots(offer, session);
        else
            offer_names(offer, session);
        break;
    case COMPLETE_TYPE:
        offer_types(offer, session);
        break;
    case COMPLETE_COMMAND:
        offer_commands(offer);
        break;
    case COMPLETE_GENERATION:
        offer_generations(offer);
        break;
    case COMPLETE_CHOICE: // those that follow are options' kinds, not arguments'
    case COMPLETE_COLUMN:
    case COMPLETE_TOPIC:
    case COMPLETE_NOTHING:
    case COMPLETE_FILE:
        break; // the reader completes files itself
    }
}

// The option whose value comes after the word before the cursor, or null.
static const struct option_row *waiting_in(const struct option_row *rows, const char *before)
{
    if (before[0] != '-' || !before[1])
        return NULL;
    for (const struct option_row *row = rows; row && row->name; row++) {
        bool named = before[1] == '-' ? !strcmp(before + 2, row->name)
                                      : before[1] == row->letter && !before[2];
        if (named && row->kind != OPTION_FLAG)
            return row;
    }
    return NULL;
}

static const struct option_row *waiting_option(const struct command *command, const char *before)
{
    const struct option_row *row = waiting_in(command->options, before);
    return row ? row : waiting_in(common_options, before);
}

static void offer_value(struct offer *offer, struct session *session, const struct command *command,
                        const struct option_row *option, const struct words *before)
{
    if (option->choices)
        offer_choices(offer, option->choices);
    else if (option->complete == COMPLETE_COLUMN)
        offer_columns(offer, command, before);
    else if (option->complete == COMPLETE_TOPIC)
        offer_topics(offer, command);
    else
        offer_kind(offer, session, option->complete);
}

// "--by=ow": the option; the rest of the word is what is completed. Null: it is not an option.
static const struct option_row *option_within(struct offer *offer, const struct command *command,
                                              struct text *prefix)
{
    const char *equals = strncmp(offer->word, "--", 2) ? NULL : strchr(offer->word, '=');
    if (!equals)
        return NULL;
    text_add(prefix, offer->word, (size_t)(equals - offer->word));
    const struct option_row *option = waiting_option(command, text_string(prefix));
    if (!option)
        return NULL;
    text_add_char(prefix, '=');
    offer->prefix = text_string(prefix);
    offer->size -= prefix->size;
    offer->word = equals + 1;
    return option;
}

// Offers what the words before the cursor call for.
static void offer_after(struct offer *offer, struct session *session, const struct words *before)
{
    if (!before->count) {
        offer_commands(offer);
        return;
    }
    const struct command *command = command_find(before->items[0]);
    if (!command)
        return;
    struct text prefix = TEXT_INIT;
    const struct option_row *option = waiting_option(command, before->items[before->count - 1]);
    if (!option)
        option = option_within(offer, command, &prefix);
    if (option)
        offer_value(offer, session, command, option, before);
    else if (*offer->word == '-')
        offer_options(offer, command);
    else
        offer_kind(offer, session, command->word_kind);
    text_fini(&prefix);
}

bool session_completes_files(const char *line, size_t cursor)
{
    size_t start = words_start(line, cursor);
    char *before = strndup(line, start);
    struct words words;
    bool files = false;
    if (before && line[start] != '-' && words_split(&words, before, NULL)) {
        const struct command *command = words.count ? command_find(words.items[0]) : NULL;
        const struct option_row *option =
            command ? waiting_option(command, words.items[words.count - 1]) : NULL;
        files = command && (option ? option->complete : command->word_kind) == COMPLETE_FILE;
        words_fini(&words);
    }
    free(before);
    return files;
}

void session_complete(struct session *session, const char *line, size_t cursor,
                      void (*add)(void *context, const char *word), void *context)
{
    size_t length = strlen(line);
    if (cursor > length)
        cursor = length;
    size_t start = words_start(line, cursor);
    char *before = strndup(line, start), *word = strndup(line + start, cursor - start);
    struct words words;
    if (before && word && words_split(&words, before, NULL)) {
        struct offer offer = {
            .word = word, .size = cursor - start, .prefix = "", .add = add, .context = context
        };
        names_init(&offer.seen);
        offer_after(&offer, session, &words);
        names_fini(&offer.seen);
        words_fini(&words);
    }
    free(before);
    free(word);
}
