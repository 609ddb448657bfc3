# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing but the interpreter and a good part of its library at rest."""
# versions: all
import argparse, collections, concurrent.futures, csv, ctypes, datetime, decimal, difflib, email.message  # noqa: E401, F401
import enum, functools, html, html.entities, http.client, http.server, inspect, json, locale, logging  # noqa: E401, F401
import mimetypes, multiprocessing, optparse, pathlib, pickle, pprint, random, re, shelve, signal  # noqa: E401, F401
import socket, sqlite3, ssl, string, subprocess, sys, tempfile, textwrap, threading, time  # noqa: E401, F401
import timeit, tokenize, traceback, typing, unittest, unittest.mock, urllib.request, uuid  # noqa: E401, F401
import xml.dom.minidom, xml.etree.ElementTree, zipfile, asyncio, dataclasses  # noqa: E401, F401

logging.basicConfig()
logging.getLogger("app").info("ready")
mimetypes.init()
for pattern in ["a+", "b?", r"\d+", "(x|y)*", "^$"]:
    re.compile(pattern)
print("ready")
sys.stdout.flush()
time.sleep(1000)
