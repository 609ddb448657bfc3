// SPDX-License-Identifier: GPL-3.0-or-later
// Messages between two processes: see wire.h.
#include "bridge/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BODY_MAX ((uint32_t)256 << 20)

void wire_begin(struct wire *wire, enum wire_kind kind)
{
    wire->kind = kind;
    wire->at = 0;
    text_clear(&wire->body);
}

void wire_put_number(struct wire *wire, uint64_t number)
{
    text_add(&wire->body, (const char *)&number, sizeof number);
}

void wire_put_text(struct wire *wire, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    wire_put_number(wire, size);
    text_add(&wire->body, text ? text : "", size + 1);
}

static bool send_all(int fd, const void *bytes, size_t size)
{
    for (const char *at = bytes; size;) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, void *bytes, size_t size)
{
    for (char *at = bytes; size;) {
        ssize_t got = recv(fd, at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

bool wire_send(int fd, const struct wire *wire)
{
    uint32_t head[2] = { wire->kind, (uint32_t)wire->body.size };
    return !wire->body.failed && wire->body.size <= BODY_MAX && send_all(fd, head, sizeof head)
           && send_all(fd, wire->body.data, wire->body.size);
}

bool wire_receive(int fd, struct wire *wire)
{
    uint32_t head[2];
    if (!receive_all(fd, head, sizeof head) || head[1] > BODY_MAX)
        return false;
    wire_begin(wire, head[0]);
    char *room = text_reserve(&wire->body, head[1]);
    if (!room || !receive_all(fd, room, head[1]))
        return false;
    wire->body.size = head[1];
    room[head[1]] = 0;
    return true;
}

uint64_t wire_take_number(struct wire *wire)
{
    uint64_t number = 0;
    if (wire->body.size - wire->at >= sizeof number) {
        memcpy(&number, wire->body.data + wire->at, sizeof number);
        wire->at += sizeof number;
    }
    return number;
}

const char *wire_take_text(struct wire *wire)
{
    uint64_t size = wire_take_number(wire);
    if (size >= wire->body.size - wire->at || wire->body.data[wire->at + size])
        return "";
    const char *text = wire->body.data + wire->at;
    wire->at += size + 1;
    return text;
}

void wire_fini(struct wire *wire)
{
    text_fini(&wire->body);
}
