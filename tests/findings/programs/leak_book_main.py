# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low container main() leak_book_main.py:* local server.rooms['lobby'].history* 4,000 __main__.Message
"""All of the program hangs from a local variable of main(): an application whose parts grow in its attributes."""
import sys


class Message:
    def __init__(self, n):
        self.text = "message %d " % n * 10


class Room:
    def __init__(self, name):
        self.name = name
        self.history = []

    def post(self, n):
        self.history.append(Message(n))


class Server:
    def __init__(self):
        self.rooms = {}

    def room(self, name):
        if name not in self.rooms:
            self.rooms[name] = Room(name)
        return self.rooms[name]


def main():
    server = Server()
    for n in range(4000):
        server.room("lobby").post(n)
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()


main()
